// Draws the API's schema below the page's own words, which need no script. No validator: it would tell another site.
const place = document.getElementById('api-docs')
SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  defaultModelsExpandDepth: 0,
  syntaxHighlight: { activated: false },
  validatorUrl: null
})
