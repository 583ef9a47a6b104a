// The desk, faster: decisions in place by htmx, and keys for all that a moderator does. Without this, the same forms.
import './htmx.js'

const OFF = 'postbag-keys-off'
const MOVES = ['j', 'k'] // these go on for as long as they are held
const keys = document.querySelector('[data-keys]')
const cards = () => [...document.querySelectorAll('.desk-card')]
const page = document.querySelector('[data-comment]') // of one comment: keys mean that one
const here = () => document.activeElement.closest('.desk-card') ?? page

function go (steps) {
  const all = cards()
  const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(here()) + steps))]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

const press = (selector) => here()?.querySelector(selector)?.click()
const focus = (selector) => page.querySelector(selector)?.focus()
const act = (...outcomes) => press(outcomes.map((outcome) => `form[data-act-${outcome}] button`).join())

// The comment's own page, at the place for this.
function open (place) {
  const link = here()?.querySelector('[data-key="o"]')
  if (link) window.location.assign(link.href + place)
}

function search () {
  const filter = document.querySelector('.desk-filter')
  if (!filter) return
  filter.open = true
  filter.querySelector('input')?.focus()
}

function help () {
  keys.hidden = !keys.hidden
  if (!keys.hidden) keys.querySelector('button').focus()
}

const actions = {
  j: () => go(1),
  k: () => go(-1),
  a: () => act('approved', 'edited', 'cleared'),
  r: () => page ? focus('#reject input:not([type=hidden])') : press('[data-key="r"]'),
  s: () => act('spam'),
  u: () => act('reopened', 'undone'),
  e: () => page ? focus('[data-act-escalated] button') : open('#escalate'),
  n: () => page ? focus('#notes textarea') : open('#notes'),
  o: () => press('[data-key="o"]'),
  x: () => press('input[name="pick"]'),
  '/': search,
  '?': help
}

const isOff = () => { try { return Boolean(localStorage.getItem(OFF)) } catch { return false } }

function switchKeys (off) {
  try { off ? localStorage.setItem(OFF, '1') : localStorage.removeItem(OFF) } catch { /* it lasts until the page goes */ }
  keys.dataset.off = off ? '1' : ''
  const button = keys.querySelector('[data-keys-switch]')
  button.textContent = off ? button.dataset.off : button.dataset.on
  button.setAttribute('aria-pressed', String(!off))
}

document.addEventListener('keydown', (event) => {
  const typing = event.target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]')
  if (typing || event.ctrlKey || event.altKey || event.metaKey || !(event.key in actions)) return
  if (keys.dataset.off && event.key !== '?') return
  event.preventDefault()
  if (event.repeat && !MOVES.includes(event.key)) return // a held key decides no card after card
  actions[event.key]()
})

// Who decided a card goes on to the next one; an undo stays.
document.addEventListener('htmx:afterSettle', (event) => {
  const card = document.getElementById(event.detail.elt?.id) ?? event.target.closest?.('.desk-card')
  card?.focus()
  if (card?.classList.contains('desk-card--done')) go(1)
})

// What came of a decision is not known: the server said no, or nothing. Its words are on the page, in its language.
function wentWrong (event) {
  const card = event.target.closest('.desk-card')
  card?.querySelector('[data-went-wrong]')?.remove()
  const said = document.querySelector('template[data-wrong]').content.firstElementChild.cloneNode(true)
  card?.querySelector('.desk-card__acts').before(said)
}

for (const name of ['htmx:responseError', 'htmx:sendError', 'htmx:timeout']) document.addEventListener(name, wentWrong)

if (keys) {
  keys.querySelector('[data-keys-switch]').addEventListener('click', () => switchKeys(!keys.dataset.off))
  switchKeys(isOff())
}
