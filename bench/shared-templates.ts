import { fixturesSideBySide } from '../test/support/fixtures.ts'
import { readTemplate, type Template } from './generate.ts'

/** The shared recordings only, so that figures stay comparable as fixtures are added. */
export function sharedTemplates(): Template[] {
  return fixturesSideBySide()
    .filter(({ name }) => /^asterisk-(16|22)(-lab|-freepbx)?\//.test(name))
    .map(({ name, amiFile }) => readTemplate(name, amiFile))
}
