import type { Lane } from '../lanes.ts'
import { FEATURES } from './dial-features.ts'
import { ofExtensions } from './extension-patterns.ts'

/** Codes whose calls go through an application other than Dial and Queue, or through Dial with one of its rarer options. */
export function applications({ number, suffix }: Lane): string {
  return `
[applications${suffix}]
; two numbers of which each is asked whether it takes the call
exten => *21,1,FollowMe(mobile${suffix})
 same => n,Hangup()
; who answers is asked; a second number if it is declined
exten => _*22X.,1,Dial(PJSIP/\${EXTEN:3}@trunk${suffix},20,${FEATURES}U(confirm))
 same => n,Dial(PJSIP/\${EXTEN:3}@backup${suffix},20,${FEATURES}U(confirm))
 same => n,Hangup()
; the called party is told every two seconds that time runs out
exten => _*23X.,1,Set(LIMIT_PLAYAUDIO_CALLER=no)
 same => n,Set(LIMIT_PLAYAUDIO_CALLEE=yes)
 same => n,Set(LIMIT_WARNING_FILE=beep)
 same => n,Dial(PJSIP/\${EXTEN:3}@trunk${suffix},20,${FEATURES}L(60000:58500:2000))
 same => n,Hangup()
; music that cannot be played
exten => _*24X.,1,Set(CHANNEL(musicclass)=broken)
 same => n,Dial(PJSIP/\${EXTEN:3}@trunk${suffix},20,${FEATURES})
 same => n,Hangup()
; recorded
exten => _*25X.,1,MixMonitor(out${suffix}.wav,b)
 same => n,Dial(PJSIP/\${EXTEN:3}@trunk${suffix},20,${FEATURES})
 same => n,Hangup()
; paged
exten => *26,1,Page(PJSIP/1${number}02&PJSIP/1${number}04,,10)
 same => n,Hangup()
; an agent of app_agent_pool logs in
exten => *31,1,Answer()
 same => n,AgentLogin(1${number}01,s)
 same => n,Hangup()
; a conference
exten => _*321${number}0X,1,Goto(conference,\${EXTEN:3},1)
; an ARI application
exten => *33,1,Answer()
 same => n,Stasis(lab)
 same => n,Hangup()
`
}

export function sharedApplications(): string {
  return `
[confirm]
exten => s,1,Read(choice,beep,1,,1,6)
 same => n,GotoIf($["\${choice}" = "1"]?taken)
 same => n,Set(GOSUB_RESULT=CONTINUE)
 same => n(taken),Return()

; members of app_agent_pool
[agents]
${ofExtensions(`1,AgentRequest(\${EXTEN})
 same => n,Hangup()`)}

[conference]
${ofExtensions(`1,Answer()
 same => n,ConfBridge(\${EXTEN})
 same => n,Hangup()`)}

; all phones of one extension
[from-all-contacts]
${ofExtensions(`1,Dial(\${PJSIP_DIAL_CONTACTS(\${EXTEN})},20,${FEATURES})
 same => n,Hangup()`)}
`
}
