/** Times and lengths in words. */

/**
 * `3:07`, `1:02:45`
 *
 * @param {number} ms how long
 */
export function length(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/**
 * `14:03:09`, in the time zone of the browser
 *
 * @param {number} at ms since the epoch
 */
export function clockTime(at) {
  const time = new Date(at)
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')
}

/**
 * `1 call`, `2 calls`
 *
 * @param {number} count
 * @param {string} thing
 */
export function counted(count, thing) {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

/**
 * `default`, of a call that is parked in `pk-default`
 *
 * @param {string} queue
 */
export function lotOf(queue) {
  return queue.replace(/^pk-/, '')
}

/** @param {number} part */
function two(part) {
  return String(part).padStart(2, '0')
}
