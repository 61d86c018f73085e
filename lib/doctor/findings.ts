import { oneLine } from '../text/one-line.ts'
import { agentFindings, hotdeskingFindings, trunkFindings } from './agent-findings.ts'
import type { Purpose, Refusal, ServerFacts } from './facts.ts'
import { type Finding, ok, wrong } from './finding.ts'
import { memberFindings, otherTrackersFindings, parkingFinding } from './pbx-findings.ts'
import { privilegeFindings } from './privilege-findings.ts'
import { queueLogFindings } from './queue-log-findings.ts'
import {
  clockFinding,
  eventFilterFinding,
  timestampFinding,
  versionFinding,
  writetimeoutFinding,
} from './server-findings.ts'

/** No text of a finding is longer: a name on a PBX may have a million letters. */
const MAX_LENGTH = 4000

/** What is right and what is wrong, in the order in which a person would look. No text in it can break its line. */
export function findingsOf(purpose: Purpose, known: ServerFacts | Refusal): Finding[] {
  const findings = 'stage' in known ? findingsOfRefusal(purpose, known) : findingsOfServer(purpose, known)
  return findings.map(({ check, state, finding, remedy }) => ({
    check,
    state,
    finding: shortened(finding),
    ...(remedy === undefined ? {} : { remedy: shortened(remedy) }),
  }))
}

function shortened(text: string): string {
  return oneLine(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text)
}

/** Nothing else can be known. */
function findingsOfRefusal({ host, port }: Purpose, { stage, finding, remedy }: Refusal): Finding[] {
  const reached = stage === 'login' ? [ok('connection', `a manager answers on ${host}:${port}`)] : []
  return [...reached, wrong(stage, finding, remedy)]
}

function findingsOfServer(purpose: Purpose, facts: ServerFacts): Finding[] {
  const { host, port, login } = purpose
  const { lost } = facts
  return [
    lost === undefined
      ? ok('connection', `${facts.banner} answers on ${host}:${port}`)
      : wrong(
          'connection',
          `the connection was lost before doctor had all answers: ${lost}`,
          'try again; if it happens again, check the log of Asterisk',
        ),
    ok('login', `[${login}] is logged in`),
    versionFinding(facts),
    ...privilegeFindings(purpose, facts),
    writetimeoutFinding(purpose, facts),
    timestampFinding(purpose, facts),
    eventFilterFinding(purpose, facts),
    ...queueLogFindings(purpose, facts),
    ...otherTrackersFindings(purpose, facts),
    clockFinding(facts),
    ...memberFindings(purpose, facts),
    ...hotdeskingFindings(purpose, facts),
    ...agentFindings(purpose, facts),
    ...trunkFindings(purpose, facts),
    parkingFinding(purpose, facts),
  ]
}
