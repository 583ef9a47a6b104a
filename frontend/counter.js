// GOV.UK Frontend's character count, which counts as moderation/graphemes.py does.
import { CharacterCount } from './govuk/components/character-count/character-count.js'

const LONG = 16 // code points: what hides in few clusters counts by its length
const PLAIN = /^[\n\x20-\x7e]*$/ // one character each, at a glance: this runs at each key

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

export function count (text) {
  if (PLAIN.test(text)) return text.length
  let clusters = 0
  let points = 0
  for (const { segment } of segmenter.segment(text)) {
    clusters += 1
    points += [...segment].length
  }
  return Math.max(clusters, Math.ceil(points / LONG))
}

export class Counter extends CharacterCount {
  updateCount () {
    this.count = count(this.$textarea.value)
  }
}
