// Everything works without this file. It adds what a script alone can do, and loads only what the page has a use for.
const components = {
  'govuk-button': ['./govuk/components/button/button.js', 'Button'],
  'govuk-character-count': ['./counter.js', 'Counter'],
  'govuk-error-summary': ['./govuk/components/error-summary/error-summary.js', 'ErrorSummary'],
  'govuk-notification-banner': ['./govuk/components/notification-banner/notification-banner.js', 'NotificationBanner'],
  'govuk-skip-link': ['./govuk/components/skip-link/skip-link.js', 'SkipLink']
}

async function start (name, [address, exported]) {
  const found = document.querySelectorAll(`[data-module="${name}"]`)
  if (found.length === 0) return
  if (exported === 'Counter' && !('Segmenter' in Intl)) return // the limit stands there in words
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

// The comment form, and the pages that follow it.
async function comments () {
  const form = document.querySelector('[data-comment-form]')
  const taken = document.querySelector('[data-comment-taken]')
  if (!form && !taken) return
  const { forgetSent, keepDraft, work } = await import('./comment.js')
  if (taken) forgetSent(taken.dataset.commentTaken)
  if (form) keepDraft(form)
  if (form && globalThis.crypto?.subtle) work(form)
}

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
comments()
Object.entries(components).forEach(([name, where]) => start(name, where))
if (navigator.clipboard) document.querySelectorAll('[data-copy-link]').forEach(copyLink)
