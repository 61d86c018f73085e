import { part } from './view.js'

/**
 * Gets the cookie for the token.
 *
 * @param {string} token
 * @returns {Promise<string>} why it is not taken; '' if it is
 */
export async function logIn(token) {
  // No header can hold such a text.
  if (/[^\x21-\x7e]/.test(token)) return 'The token is wrong.'
  try {
    const answer = await fetch('v1/login', { headers: { Authorization: `Bearer ${token}` } })
    return answer.ok ? '' : (await answer.text()).trim()
  } catch {
    return 'The daemon does not answer.'
  }
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
