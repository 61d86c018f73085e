import { part } from './view.js'

/**
 * Gets the cookie for the token.
 *
 * @param {string} token
 * @returns {Promise<string>} why it is not taken; '' if it is
 */
async function logIn(token) {
  // No header can hold such a text.
  if (/[^\x21-\x7e]/.test(token)) return 'The token is wrong.'
  try {
    const answer = await fetch('v1/login', { headers: { Authorization: `Bearer ${token}` } })
    return answer.ok ? '' : (await answer.text()).trim()
  } catch {
    return 'The daemon does not answer.'
  }
}

/** A screen on a wall has no keyboard: its address brings the token, behind the # which no server is sent. */
export async function logInByAddress() {
  const [, token] = /^#token=(.+)$/.exec(location.hash) ?? []
  if (token === undefined) return
  history.replaceState(null, '', location.pathname + location.search)
  // As URLs are: + stays +, and what is no %41 stays as it is.
  await logIn(token.replace(/%[0-7][\da-f]/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16))))
}

/**
 * Lets somebody type the token, where it is asked for.
 *
 * @param {() => void} onDone called back when it was right
 */
export function offerLogin(onDone) {
  part('#login').addEventListener('submit', async (event) => {
    event.preventDefault()
    const input = part('#token')
    if (!(input instanceof HTMLInputElement)) return
    const refusal = await logIn(input.value.trim())
    part('#login [role=alert]').textContent = refusal
    if (refusal !== '') return
    input.value = ''
    onDone()
  })
}
