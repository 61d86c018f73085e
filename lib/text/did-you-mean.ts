import { closestMatch } from 'leven'
import { listed } from './listed.ts'

/** Of so many words that begin alike, all are named; of more, none. */
const FEW = 4
/** So many letters are no accident where something follows them. */
const WORD = 4

/**
 * What may have been meant by a word that is unknown, as the end of a message: `: did you mean --moh?`. Empty where no
 * known word is like it.
 *
 * @param prefix stands before each word that is named
 */
export function didYouMean(word: string, known: readonly string[], prefix = ''): string {
  const meant = likeWords(word, known)
  if (meant.length === 0) return ''
  return `: did you mean ${listed(meant.map((name) => `${prefix}${name}`))}?`
}

/** The words that a word is a slip of: two letters that changed places, some that are wrong, its beginning, or more than it. */
function likeWords(word: string, known: readonly string[]): string[] {
  const plain = plainOf(word)
  const byPlain = new Map(known.map((name) => [plainOf(name), name]))
  const sorted = lettersOf(plain)
  for (const [other, name] of byPlain) if (lettersOf(other) === sorted) return [name]
  const maxDistance = Math.min(3, Math.floor(plain.length / 3))
  const closest = maxDistance > 0 ? closestMatch(plain, [...byPlain.keys()], { maxDistance }) : undefined
  if (closest !== undefined) return [byPlain.get(closest) ?? closest]
  const longer = plain === '' ? [] : known.filter((name) => plainOf(name).startsWith(plain))
  if (longer.length > 0) return longer.length > FEW ? [] : longer
  return known.filter((name) => name.length >= WORD && plain.startsWith(plainOf(name))).slice(0, 1)
}

/** Case, hyphens and underscores are often mistaken. */
function plainOf(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '')
}

function lettersOf(word: string): string {
  return [...word].sort().join('')
}
