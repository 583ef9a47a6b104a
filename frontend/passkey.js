// Passkeys: WebAuthn needs a script, so its forms show only where one runs.

const OPTIONS = 'passkey-options'

const options = async (form) => {
  if (form.dataset.passkey === 'sign-in') {
    const answer = await fetch(form.action, { headers: { Accept: 'application/json' } })
    return (await answer.json()).request_options
  }
  const known = JSON.parse(document.getElementById(OPTIONS).textContent)
  return known.creation_options || known.request_options
}

const credential = async (form) => {
  const { publicKey } = await options(form)
  if (form.dataset.passkey !== 'make') {
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) })
  }
  const alone = form.elements.passwordless?.checked
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: alone ? 'required' : 'discouraged',
    requireResidentKey: Boolean(alone),
    ...(alone && { userVerification: 'required' }),
  }
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
}

const supported = 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential

for (const form of document.querySelectorAll('form[data-passkey]')) {
  form.hidden = !supported
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const failed = form.querySelector('[role=alert]')
    failed.hidden = true
    try {
      form.elements.credential.value = JSON.stringify(await credential(form))
      form.submit()
    } catch {
      failed.hidden = false
    }
  })
}
