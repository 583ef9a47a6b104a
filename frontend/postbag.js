// Everything works without this file. It adds what a script alone can do, and loads only what the page has a use for.
const components = {
  'govuk-button': ['./govuk/components/button/button.js', 'Button'],
  'govuk-character-count': ['./govuk/components/character-count/character-count.js', 'CharacterCount'],
  'govuk-error-summary': ['./govuk/components/error-summary/error-summary.js', 'ErrorSummary'],
  'govuk-notification-banner': ['./govuk/components/notification-banner/notification-banner.js', 'NotificationBanner'],
  'govuk-skip-link': ['./govuk/components/skip-link/skip-link.js', 'SkipLink']
}

async function start (name, [address, exported]) {
  const found = document.querySelectorAll(`[data-module="${name}"]`)
  if (found.length === 0) return
  const module = await import(address)
  found.forEach((element) => new module[exported](element))
}

// <li data-copy-link="ADDRESS" data-copied="Link copied" hidden><button>…</button> <span role="status"></span></li>:
// shown where it can work, and says so when it has.
function copyLink (item) {
  item.hidden = false
  item.querySelector('button').addEventListener('click', async () => {
    const copied = await navigator.clipboard.writeText(item.dataset.copyLink).then(() => true, () => false)
    item.querySelector('[role=status]').textContent = copied ? item.dataset.copied : item.dataset.refused
  })
}

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
Object.entries(components).forEach(([name, where]) => start(name, where))
if (navigator.clipboard) document.querySelectorAll('[data-copy-link]').forEach(copyLink)
