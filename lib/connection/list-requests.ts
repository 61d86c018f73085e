import { type ActionHeaders, OWN_ACTION_ID } from '../ami/action.ts'
import type { AmiMessage } from '../ami/message.ts'
import { additionOf, isDenial, isUnknown, kindOfRefusal, LIST_ACTIONS, type ListAction } from '../ami/privileges.ts'

/** Sent for each bridge, if the lists of channels do not say in which bridge a channel is. */
const BRIDGE_INFO = 'BridgeInfo'

/** The end of a list: `Event: CoreShowChannelsComplete` */
const LIST_END = /^Event: \w+Complete\r\n/
const BRIDGE_ITEM = /^Event: BridgeListItem\r\n/
const BRIDGE_UNIQUEID = /\r\nBridgeUniqueid: (.*?)(?:\r\n|$)/s
const ACTION_ID_LINE = Buffer.from(`\r\nActionID: ${OWN_ACTION_ID}`)

export interface ListRequester {
  /**
   * Sends an action.
   *
   * @param answered called in the turn in which the response is read, before anything after it
   * @param lost called if the response will never come
   * @returns its ActionID
   */
  send(
    name: string,
    headers: ActionHeaders,
    isShown: boolean,
    answered: (response: AmiMessage) => void,
    lost?: () => void,
  ): string
  /** The server refuses an action; the list is left out. @param kind the same for refusals of the same kind */
  refused(kind: string, text: string): void
  /**
   * All lists are here. Called before anything after them is read.
   *
   * @param lists the actions whose lists are complete
   * @param serverMs the time on the server: ms since the epoch; undefined if it did not say
   */
  complete(lists: readonly string[], serverMs: number | undefined): void
  /** The lists will never be complete. */
  lost(): void
}

/**
 * Asks for all lists at once. Their items go through the stream. This class only watches them, to know when all lists
 * are complete.
 *
 * A list comes in one piece: the thread of the session in Asterisk writes it, without events in between (16.28, 22.10).
 */
export class ListRequests {
  private readonly requester: ListRequester
  private readonly login: string
  /** The actions whose lists have not ended, by their ActionIDs. */
  private readonly open = new Map<string, string>()
  private readonly whole = new Set<string>()
  private readonly bridges: string[] = []
  private unansweredPings = 0
  private hasAskedBridges = false

  /** @param login the user, whose privileges the actions need */
  constructor(requester: ListRequester, login: string) {
    this.requester = requester
    this.login = login
    for (const action of LIST_ACTIONS) this.ask(action)
    this.askTime()
  }

  /**
   * Watches a message that arrives.
   *
   * @returns whether it is an item of our lists
   */
  onMessage(bytes: Buffer, start: number, end: number): boolean {
    const at = bytes.indexOf(ACTION_ID_LINE, start)
    if (at < 0 || at >= end || bytes[start] !== EVENT_FIRST) return false
    const message = bytes.toString('latin1', start, end)
    if (LIST_END.test(message)) {
      const actionId = /\r\nActionID: (\S*)/.exec(message)?.[1] ?? ''
      const name = this.open.get(actionId)
      this.open.delete(actionId)
      if (name !== undefined) this.whole.add(name)
    } else if (BRIDGE_ITEM.test(message)) {
      const uniqueid = BRIDGE_UNIQUEID.exec(message)?.[1]
      if (uniqueid !== undefined) this.bridges.push(uniqueid)
    }
    return true
  }

  private ask(action: ListAction): void {
    const { name, headers = [], isList } = action
    const actionId: string = this.requester.send(name, headers, true, (response) => {
      if (response.get('Response') === 'Error') {
        this.open.delete(actionId)
        const message = response.get('Message') ?? 'no reason is given'
        this.requester.refused(`${name} ${kindOfRefusal(message)}`, this.refusalOf(action, message))
      } else if (!isList) {
        this.whole.add(name)
      }
    })
    if (isList) this.open.set(actionId, name)
  }

  /** Answers come in the order of the actions: when this answer is here, all earlier answers are here, too. */
  private askTime(): void {
    this.unansweredPings++
    const answered = (response: AmiMessage): void => {
      this.unansweredPings--
      const isLast = this.unansweredPings === 0
      if (isLast && !this.askBridges()) this.requester.complete([...this.whole], timestampOf(response))
    }
    this.requester.send('Ping', [], false, answered, () => this.requester.lost())
  }

  /** @returns whether the answers must be awaited */
  private askBridges(): boolean {
    const isKnown = this.whole.has('CoreShowChannels') || this.whole.has('Status')
    if (isKnown || this.hasAskedBridges || !this.whole.has('BridgeList')) return false
    this.hasAskedBridges = true
    this.whole.add(BRIDGE_INFO)
    for (const uniqueid of this.bridges) {
      // A bridge that is already gone gives an error. This does no harm.
      this.requester.send(BRIDGE_INFO, [['BridgeUniqueid', uniqueid]], true, () => {})
    }
    this.askTime()
    return true
  }

  private refusalOf({ name, privilege, loss }: ListAction, message: string): string {
    if (isUnknown(message)) {
      return `Asterisk does not know ${name}: it is still starting, or a module is not loaded. Without it: ${loss}`
    }
    const remedy =
      isDenial(message) && privilege !== undefined ? `${additionOf(privilege, ['write'], this.login)}. ` : ''
    return `Asterisk refuses ${name} (${message}): ${remedy}Without it: ${loss}`
  }
}

const EVENT_FIRST = 'E'.charCodeAt(0)

/** The clock of the server in its answer to Ping, in ms. */
function timestampOf(response: AmiMessage): number | undefined {
  const ms = Number(response.get('Timestamp')) * 1000
  return ms > 0 ? ms : undefined
}
