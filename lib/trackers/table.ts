import { GAP, TICK } from '../ami/own-events.ts'
import {
  choice,
  type OptionKinds,
  type OptionValues,
  oneOf,
  onOff,
  onOffOr,
  pattern,
  wholeNumber,
} from '../options/kinds.ts'
import { quoted } from '../text/quoted.ts'
import { CHOICES, leftOutBy } from './chosen-calls.ts'
import { HIDDEN_OUTBOUND, OUTBOUND, PARKED } from './fields.ts'
import { HotdeskingTracker, loginsByName } from './hotdesking.ts'
import { isHold, MohTracker } from './moh.ts'
import { OutboundTracker } from './outbound.ts'
import { entriesIntoLots, ParkedTracker } from './parked.ts'
import { eventsFor, row, type TrackerEntry } from './row.ts'

const rewriteuniqueids = {
  ...onOff(true),
  key: 'REWRITEUNIQUEIDS',
  help: 'write callids of parked and outbound calls as :UNIQUEID',
}

const ENDS_OF_TALKS = ['COMPLETEAGENT', 'COMPLETECALLER', 'BLINDTRANSFER', 'ATTENDEDTRANSFER']
const LOGINS = ['ADDMEMBER', 'REMOVEMEMBER']

const agentname = {
  ...oneOf(['interface', 'member'], 'interface'),
  key: 'AGENTNAME',
  help: 'the agent of parked and outbound calls: the interface, or the name of the queue member with this phone',
}

const outboundverb = {
  ...oneOf(['callout', 'enterqueue', 'both'], 'callout'),
  key: 'OUTBOUNDVERB',
  help: 'the first line of an outbound call: CALLOUTBOUND, or ENTERQUEUE for reporting tools that count by it, or both',
}

const joinlines = {
  ...onOff(true),
  key: 'JOINLINES',
  help: 'write ADDMEMBER and REMOVEMEMBER around parked and outbound calls',
}

/** All trackers, in the order of the chain. A new tracker is one more row here. */
export const trackers: readonly TrackerEntry[] = [
  row({
    program: 'track-outbound',
    option: 'outboundcalls',
    key: 'ENABLEOUTBOUND',
    onByDefault: false,
    help: 'track outbound calls',
    about: [
      'outbound calls, as calls of the queue q-ACCOUNTCODE, or q-outbound if the channel has no account code: CALLOUTBOUND ' +
        'while the call rings, CONNECT, and COMPLETEAGENT, COMPLETECALLER, ABANDON or a transfer at its end, with ' +
        'ADDMEMBER and REMOVEMEMBER of the agent around them.',
      'A call is tracked only if its dial lasts longer than the threshold. So services that answer immediately (*43, ' +
        'voicemail, the time of day) are not tracked. Ring groups, Local channels, forwards and second trunks are one call. ' +
        'Queue calls and parked calls are not outbound calls.',
    ],
    examples: ["track-outbound --hidden-channels '(?i)^sip/|^zap/' | track-moh"],
    options: {
      outboundthreshold: {
        ...wholeNumber(300, 'ms'),
        key: 'OUTBOUNDTHRESHOLD',
        help: 'how long a dial must last to be tracked, in ms',
      },
      'hidden-channels': {
        ...pattern(),
        key: 'HIDDENCHANNELS',
        help: 'log outbound calls of matching channels on _q-…, so that reports hide them; RE2 syntax, to try it: ami-track regexp RE CHANNEL',
        example: '(?i)^sip/|^zap/',
      },
      'outbound-channels': {
        ...choice(),
        key: 'OUTBOUNDCHANNELS',
        help: 'track only outbound calls whose calling channel matches; with !RE only those whose channel does not match',
        example: '!^PJSIP/provider',
      },
      'outbound-numbers': {
        ...choice(),
        key: 'OUTBOUNDNUMBERS',
        help: 'the same for the dialled number',
        example: String.raw`^\+?\d{5,}`,
      },
      'outbound-contexts': {
        ...choice(),
        key: 'OUTBOUNDCONTEXTS',
        help: 'the same for the dialplan context that dials',
        example: '!^from-trunk',
      },
      outboundverb,
      agentname,
      joinlines,
      rewriteuniqueids,
    },
    verbs: ['CALLOUTBOUND', 'ENTERQUEUE', 'CONNECT', 'ABANDON', ...ENDS_OF_TALKS, ...LOGINS],
    queues: [OUTBOUND, HIDDEN_OUTBOUND],
    follows: ['dials'],
    alsoReads: ['members'],
    modules: [],
    missedAt: 'DialBegin',
    noteOn: ({ event, queuename }) =>
      event === 'CALLOUTBOUND' && queuename.startsWith(HIDDEN_OUTBOUND)
        ? `on ${queuename}: the calling channel matches --hidden-channels`
        : undefined,
    create: (options, around) => {
      const { 'hidden-channels': hidden, outboundthreshold, outboundverb } = options
      return new OutboundTracker(
        {
          thresholdMs: outboundthreshold,
          rewriteUniqueids: options.rewriteuniqueids,
          hides: (channelName) => hidden?.matcher(channelName).find() ?? false,
          leavesOut: (call) => {
            const by = leftOutBy(options, call)
            return by && `left out by --${by}: the ${CHOICES[by]} is ${quoted(call[CHOICES[by]])}`
          },
          agentName: options.agentname,
          joinLines: options.joinlines,
          beginsWith: outboundverb,
        },
        around,
      )
    },
  }),
  row({
    program: 'track-parked',
    option: 'parkedcalls',
    key: 'ENABLEPARK',
    onByDefault: false,
    help: 'track parked calls',
    about: [
      "parked calls, as calls of the queue pk-LOT: ENTERQUEUE with the parking space before the caller's number, CONNECT when " +
        'somebody picks up the call, and its end; ABANDON if the caller gives up, EXITWITHTIMEOUT after the parking time.',
      'A queue call, or a call that track-outbound tracks, is closed there before it enters the parking lot. So put ' +
        'track-outbound before this stage.',
    ],
    examples: ['track-outbound | track-parked | track-moh'],
    options: {
      parkinglabel: {
        ...onOff(true),
        key: 'PARKINGLABEL',
        help: "write the parking space before the parked caller's number",
      },
      agentname,
      joinlines,
      rewriteuniqueids,
    },
    verbs: ['ENTERQUEUE', 'CONNECT', 'ABANDON', 'EXITWITHTIMEOUT', ...ENDS_OF_TALKS, ...LOGINS],
    queues: [PARKED],
    follows: ['parkings', 'queue-calls'],
    alsoReads: ['members'],
    modules: ['res_parking.so'],
    missedAt: 'ParkedCall',
    waiting: entriesIntoLots,
    create: ({ parkinglabel, agentname, joinlines, rewriteuniqueids }, around) =>
      new ParkedTracker(
        {
          rewriteUniqueids: rewriteuniqueids,
          agentName: agentname,
          joinLines: joinlines,
          labelsSpace: parkinglabel,
        },
        around,
      ),
  }),
  row({
    program: 'track-moh',
    option: 'moh',
    key: 'ENABLEMOH',
    onByDefault: true,
    help: 'track music on hold',
    about: [
      'music on hold: CALLERONHOLD when the agent of a connected call puts the other party on hold, CALLEROFFHOLD when it ends.',
      'It follows queue calls from AgentConnect to AgentComplete, through Local members (FreePBX: ' +
        'Local/EXT@from-queue/n) and transfers. It knows the calls of an earlier stage from the queue_log records of that ' +
        'stage.',
    ],
    examples: ['track-outbound | track-moh'],
    options: {},
    verbs: ['CALLERONHOLD', 'CALLEROFFHOLD'],
    queues: [],
    follows: ['holds', 'queue-calls'],
    modules: [],
    isLateBehindEnd: isHold,
    create: (_options, around) => new MohTracker(around),
  }),
  row({
    program: 'track-hotdesking',
    option: 'hotdesking',
    key: 'ENABLEHOTDESKING',
    onByDefault: false,
    help: 'log in members by name',
    about: [
      'members with a name: Asterisk logs them in by interface, but writes their calls and pauses by name. This stage cancels ' +
        'that login and logs them in by name (REMOVEMEMBER, HOTDESKING, ADDMEMBER). It logs the name out when the ' +
        'member leaves.',
    ],
    examples: [],
    options: {
      hotdesking: {
        ...onOffOr(['names']),
        key: 'ENABLEHOTDESKING',
        help: 'log in members by name; names: Asterisk does so itself (log_membername_as_agent in queues.conf)',
      },
    },
    verbs: ['HOTDESKING', ...LOGINS],
    queues: [],
    follows: ['members'],
    modules: [],
    waiting: loginsByName,
    create: ({ hotdesking }, around) => new HotdeskingTracker({ namesAreLogged: hotdesking === 'names' }, around),
  }),
]

/** The options of all trackers: the switches, and their own. */
export const trackerKinds: OptionKinds = Object.assign(
  {},
  ...trackers.map(({ option, onByDefault, options }) => ({ [option]: onOff(onByDefault), ...options })),
)

/** The trackers that are switched on, in the order of the chain; those of which nothing is said, by default. */
export function chosenTrackers(switches: Partial<OptionValues<OptionKinds>>): TrackerEntry[] {
  return trackers.filter(({ option, onByDefault }) => (switches[option] ?? onByDefault) !== false)
}

/** The verbs of all lines that trackers write, in alphabetical order. */
export const verbs: readonly string[] = [...new Set(trackers.flatMap((tracker) => tracker.verbs))].sort()

const QUEUES = trackers.flatMap(({ queues }) => queues)

/** Whether a queue is a queue of trackers: Asterisk itself writes no lines with this queue. */
export function isOfTrackers(queuename: string): boolean {
  return QUEUES.some((beginning) => queuename.startsWith(beginning))
}

/**
 * New channels move the clock of a stream without Timestamp headers, ticks move the clock of a live stream, and a gap
 * concerns all calls.
 */
const ALWAYS_NEEDED = ['Newchannel', TICK, GAP]

/** The events that some tracker, or the clock, reads. */
export const neededEvents: ReadonlySet<string> = new Set([
  ...ALWAYS_NEEDED,
  ...trackers.flatMap((tracker) => [...eventsFor(tracker)]),
])
