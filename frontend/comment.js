// What a script adds to the comment form: a draft that outlives a lost page, and work in the place of a puzzle.

const PREFIX = 'postbag-draft:'
const KEPT_DAYS = 30
const WAIT = 500 // milliseconds after the last key
const ASK_AGAIN = 120_000 // milliseconds: a blog may become busy while somebody writes

// Storage may be full, forbidden, or gone: then there are no drafts, and all else works.
function attempt (act) {
  try { return act() } catch { return null }
}

const drafts = {
  read: (key) => attempt(() => JSON.parse(localStorage.getItem(key))),
  write: (key, draft) => attempt(() => localStorage.setItem(key, JSON.stringify(draft))),
  remove: (key) => attempt(() => localStorage.removeItem(key)),
  keys: () => attempt(() => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) || []
}

// Only the comment's own words: neither the name nor the address.
export function keepDraft (form) {
  const field = form.elements.comment
  const key = `${PREFIX}${form.dataset.post}:${form.elements.parent.value}`
  const note = form.querySelector('[data-draft-note]')
  let waiting = null

  const keep = (sent) => {
    clearTimeout(waiting)
    waiting = null
    if (field.value.trim()) drafts.write(key, { comment: field.value, at: Date.now(), sent })
    else drafts.remove(key)
  }
  const put = (draft) => {
    if (!draft?.comment) return
    field.value = draft.comment
    field.dispatchEvent(new Event('input'))
    show(note, note.querySelector('[role=status]'), note.dataset.draftNote)
  }

  forgetOld()
  if (field.value.trim()) keep(false) // it came back, so it is not ours yet
  else put(drafts.read(key))
  field.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(keep, WAIT, false)
  })
  window.addEventListener('pagehide', () => { if (waiting) keep(false) })
  form.addEventListener('submit', () => keep(true))
  note.querySelector('button').addEventListener('click', () => {
    field.value = ''
    field.dispatchEvent(new Event('input'))
    clearTimeout(waiting)
    waiting = null
    drafts.remove(key)
    note.hidden = true
    field.focus()
  })
}

// A status is announced when its words change, not when it appears.
function show (element, status, words) {
  element.hidden = false
  requestAnimationFrame(() => { if (status.textContent !== words) status.textContent = words })
}

// On the pages that follow a comment on the post of this number: it is ours now.
export function forgetSent (post) {
  drafts.keys()
    .filter((key) => key.startsWith(`${PREFIX}${post}:`) && drafts.read(key)?.sent)
    .forEach(drafts.remove)
}

function forgetOld () {
  const limit = Date.now() - KEPT_DAYS * 86_400_000
  drafts.keys().filter((key) => !(drafts.read(key)?.at > limit)).forEach(drafts.remove)
}

// Work: asked for when somebody begins to write, done while they write. It never holds a form back.
export function work (form) {
  const status = form.querySelector('[data-working]')
  let asked = 0
  let busy = false

  const say = (words) => show(status, status, words)
  const ask = async () => {
    if (busy || form.elements.work.value || Date.now() - asked < ASK_AGAIN) return
    busy = true
    asked = Date.now()
    try {
      const answer = await fetch(form.dataset.work, { credentials: 'omit', headers: { Accept: 'application/json' } })
      const { challenge } = answer.ok ? await answer.json() : {}
      if (challenge) {
        form.elements.work.value = await solve(challenge, (percent) => say(status.dataset.working.replace('{percent}', percent)))
        say(status.dataset.worked)
      }
    } catch { // no network, or no such challenge: the comment is taken all the same
      status.hidden = true
    }
    busy = false
  }
  form.addEventListener('focusin', ask)
  form.addEventListener('input', ask)
}

// ALTCHA's proof of work, version 2: the number whose derived key begins as the challenge says.
async function solve (challenge, progress) {
  const { nonce, salt, cost, keyLength, keyPrefix, data } = challenge.parameters
  const password = new Uint8Array([...bytes(nonce), 0, 0, 0, 0])
  const end = new DataView(password.buffer, password.length - 4)
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: bytes(salt), iterations: cost }
  for (let counter = 0; counter <= data.tries; counter += 1) {
    if (counter % Math.ceil(data.tries / 4) === 0) progress(Math.round(counter * 100 / data.tries))
    end.setUint32(0, counter)
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
    const derived = hex(new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, keyLength * 8)))
    if (derived.startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey: derived } }))
  }
  throw new Error('no number solves this challenge')
}

function bytes (text) {
  return new Uint8Array(text.match(/../g).map((pair) => parseInt(pair, 16)))
}

function hex (some) {
  return Array.from(some, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
