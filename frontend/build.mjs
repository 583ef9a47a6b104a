// Builds postbag/static/build/: one style sheet, our script, the modules of GOV.UK Frontend that it loads, our images.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sass from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const packages = join(here, 'node_modules/govuk-frontend/dist')
const out = join(here, '../postbag/static/build')
const components = ['button', 'character-count', 'error-summary', 'notification-banner', 'skip-link']
const scripts = ['postbag.js', 'comment.js', 'counter.js', 'desk.js', 'passkey.js', 'redact.js']
const images = ['favicon.svg', 'icon-180.png', 'share.png']
const licence = `GOV.UK Frontend, the npm package govuk-frontend, by the Government Digital Service. MIT licence.
The modules in this folder are its own; only the addresses that they import from were changed.
`

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'postbag.css'), style())
scripts.forEach((name) => copyFileSync(join(here, name), join(out, name)))
copyFileSync(join(here, 'node_modules/htmx.org/dist/htmx.min.js'), join(out, 'htmx.js')) // 0BSD licence
images.forEach((name) => copyFileSync(join(here, 'images', name), join(out, name)))
const copied = new Set()
components.forEach((name) => copyModule(join('govuk/components', name, `${name}.mjs`)))
writeFileSync(join(out, 'govuk/LICENCE.txt'), licence)
console.log(`${out}: style sheet, script, ${copied.size} modules, ${images.length} images`)

function style () {
  return sass.compile(join(here, 'postbag.scss'), { style: 'compressed', loadPaths: [packages] }).css
}

// Copies a module and those that it imports, as .js, which every server knows the type of, and without source maps.
function copyModule (path) {
  if (copied.has(path)) return
  copied.add(path)
  const source = readFileSync(join(packages, path), 'utf8')
  const code = source.replace(/^\/\/# sourceMappingURL=.*$/m, '').replace(/^(import .* from '\..*)\.mjs'/gm, "$1.js'")
  const target = join(out, path.replace(/\.mjs$/, '.js'))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, code)
  for (const [, imported] of source.matchAll(/^import .* from '(\..*)'/gm)) copyModule(join(dirname(path), imported))
}
