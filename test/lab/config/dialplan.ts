import type { Lane } from '../lanes.ts'
import type { Technology } from '../servers.ts'
import { applications, sharedApplications } from './application-dialplan.ts'
import { FEATURES } from './dial-features.ts'
import { ofExtensions } from './extension-patterns.ts'
import { otherPbxes, sharedPbxes } from './pbx-dialplans.ts'

/**
 * The dialplan. Queues are 600 to 608, parking lots 700, 800 and 850; 9N calls N over the trunk; other leading digits do
 * it in the ways of other dialplans (pbx-dialplans.ts), codes in that of an application (application-dialplan.ts). *70 is a
 * conference of all lanes. From outside, the number of the lane stands before that of the queue: 3600.
 */
export function dialplan(technology: Technology, lanes: readonly Lane[]): string {
  const ofLane = (lane: Lane): string => [laneContexts(lane), applications(lane), otherPbxes(lane)].join('\n')
  const text = [sharedContexts(lanes), ...lanes.map(ofLane), sharedApplications(), sharedPbxes()].join('\n')
  return text.replaceAll('PJSIP/', `${technology}/`)
}

function laneContexts(lane: Lane): string {
  const { number, suffix } = lane
  const extension = `_1${number}0X`
  return `
[from-internal${suffix}]
include => parkedcalls${suffix}
include => parkedcalls-quick${suffix}
include => parkedcalls-callback${suffix}
include => queues${suffix}
include => applications${suffix}
include => routes${suffix}
exten => ${extension},1,Dial(PJSIP/\${EXTEN},30,${FEATURES})
 same => n,Hangup()
exten => _9X.,1,Dial(PJSIP/\${EXTEN:1}@trunk${suffix},20,${FEATURES})
 same => n,Hangup()
; the account code is set late
exten => _8555XXXX,1,Set(CHANNEL(accountcode)=late${suffix})
 same => n,Dial(PJSIP/\${EXTEN:1}@trunk${suffix},20,${FEATURES})
 same => n,Hangup()
; through a Local channel
exten => _2555XXXX,1,Dial(Local/9\${EXTEN:1}@from-internal${suffix},20,${FEATURES})
 same => n,Hangup()
; in a subroutine, and over a second trunk if the first one fails
exten => _3555XXXX,1,Gosub(dial-out${suffix},s,1(\${EXTEN:1}))
 same => n,Hangup()
; an extension whose calls go to voicemail after a while
exten => _*1${number}0X,1,Gosub(dial-extension,s,1(\${EXTEN:1},3))
 same => n,Answer()
 same => n,Playback(beep)
 same => n,Wait(30)
 same => n,Hangup()
; a ring group
exten => 610,1,Dial(Local/1${number}02@from-queue/n&Local/1${number}04@from-queue/n,20,${FEATURES})
 same => n,Hangup()
; takes the call that rings at an extension
exten => _**1${number}0X,1,PickupChan(PJSIP/\${EXTEN:2},p)
; members log in and out by themselves
exten => *45,1,Answer()
 same => n,AddQueueMember(localq${suffix},Local/1${number}02@from-queue/n,,,Jane Doe${suffix})
 same => n,Hangup()
exten => *46,1,Answer()
 same => n,RemoveQueueMember(localq${suffix},Local/1${number}02@from-queue/n)
 same => n,Hangup()
exten => *43,1,Answer()
 same => n,Echo()
exten => *70,1,Answer()
 same => n,ConfBridge(meeting)
 same => n,Hangup()
exten => *65,1,Answer()
 same => n,Playback(beep)
 same => n,Wait(30)
 same => n,Hangup()

[queues${suffix}]
exten => 600,1,Answer()
 same => n,Queue(support${suffix},${FEATURES})
 same => n,Hangup()
exten => 601,1,Answer()
 same => n,Queue(sales${suffix},${FEATURES},,,30)
 same => n,Hangup()
; gives up after a while
exten => 602,1,Answer()
 same => n,Queue(short${suffix},${FEATURES},,,3)
 same => n,Hangup()
exten => 603,1,Answer()
 same => n,Queue(localq${suffix},${FEATURES})
 same => n,Hangup()
; gives up, and overflows into another one
exten => 604,1,Answer()
 same => n,Queue(short${suffix},${FEATURES},,,3)
 same => n,Queue(sales${suffix},${FEATURES})
 same => n,Hangup()
; with music that cannot be played
exten => 605,1,Answer()
 same => n,Set(CHANNEL(musicclass)=broken)
 same => n,Queue(support${suffix},${FEATURES})
 same => n,Hangup()
; of a table
exten => 606,1,Answer()
 same => n,Queue(realtime${suffix},${FEATURES})
 same => n,Hangup()
; whose members ring also while they talk
exten => 607,1,Answer()
 same => n,Queue(busy${suffix},${FEATURES})
 same => n,Hangup()
; recorded
exten => 608,1,Answer()
 same => n,MixMonitor(queue${suffix}.wav,b)
 same => n,Queue(support${suffix},${FEATURES})
 same => n,Hangup()

[dial-out${suffix}]
exten => s,1,Dial(PJSIP/\${ARG1}@trunk${suffix},20,${FEATURES})
 same => n,GotoIf($["\${DIALSTATUS}" = "CHANUNAVAIL" | "\${DIALSTATUS}" = "CONGESTION"]?second)
 same => n,Return()
 same => n(second),Dial(PJSIP/\${ARG1}@backup${suffix},20,${FEATURES})
 same => n,Return()
`
}

function sharedContexts(lanes: readonly Lane[]): string {
  return `
[general]
static=yes

[from-trunk]
${lanes.map(({ number, suffix }) => `exten => _${number}60X,1,Goto(queues${suffix},\${EXTEN:${String(number).length}},1)`).join('\n')}

; a Local member's extension, dialled in a subroutine as FreePBX does
[from-queue]
${ofExtensions(`1,Gosub(dial-extension,s,1(\${EXTEN},20))
 same => n,Hangup()`)}

; follow-me: the extension's mobile, through a Local channel in the Local channel
[from-followme]
${lanes.map(({ number, suffix }) => `exten => 1${number}03,1,Dial(Local/95550008@from-internal${suffix}/n,20,${FEATURES})\n same => n,Hangup()`).join('\n')}

[dial-extension]
exten => s,1,Dial(PJSIP/\${ARG1},\${ARG2},${FEATURES})
 same => n,Return()

[park-return]
exten => _.,1,NoOp(returned \${EXTEN})
 same => n,Playback(beep)
 same => n,Hangup()
`
}
