/** The name of a channel in its parts: `Local/1002@from-queue-0000001a;1`. */
export interface ChannelName {
  /** `Local`; '' if it has none. */
  readonly technology: string
  /** What of that technology it is on: `1002@from-queue`. */
  readonly resource: string
  /** What makes it unlike the other channels there: `0000001a`; '' if it has none, as what an Originate failed to create. */
  readonly suffix: string
  /** Which half of a Local pair it is: `1`, `2`, or '' if none. */
  readonly half: string
}

const HALF = /;([12])$/

/**
 * The parts of a channel's name. It is Asterisk's own rule (main/channel.c, app_queue.c) that the suffix stands behind the
 * last dash, whatever it looks like: PJSIP, SIP and Local write it in small hexadecimal digits, SCCP in capital ones, IAX2
 * and DAHDI as a plain number, and mISDN with a letter before that.
 */
export function channelNameOf(name: string): ChannelName {
  const half = HALF.exec(name)?.[1] ?? ''
  const whole = half === '' ? name : name.slice(0, -2)
  const slash = whole.indexOf('/')
  const dash = whole.lastIndexOf('-')
  const hasSuffix = dash > slash
  return {
    technology: whole.slice(0, Math.max(0, slash)),
    resource: whole.slice(slash + 1, hasSuffix ? dash : undefined),
    suffix: hasSuffix ? whole.slice(dash + 1) : '',
    half,
  }
}

/** The interface that a channel is on, as members of queues are called: its name up to the last dash. */
export function interfaceOf(channelName: string): string {
  const dash = channelName.lastIndexOf('-')
  return dash < 0 ? channelName : channelName.slice(0, dash)
}
