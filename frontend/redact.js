// Redaction: the words that a moderator marks in the comment stand in the form. Without this, they are typed or pasted.
const comment = document.querySelector('[data-words]')
const form = document.querySelector('#redact form')

function take () {
  const marked = document.getSelection()
  const inside = [marked.anchorNode, marked.focusNode].every((node) => comment.contains(node))
  if (inside && !marked.isCollapsed) form.querySelector('textarea').value = marked.toString().trim()
}

if (comment && form) {
  form.querySelector('[data-mark-words]').hidden = false
  document.addEventListener('selectionchange', take)
}
