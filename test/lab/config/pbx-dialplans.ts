import type { Lane } from '../lanes.ts'
import { FEATURES } from './dial-features.ts'

/**
 * Calls over the trunk in the shapes of two PBXes, as their channels show them at the DialBegin: a context and an Exten that
 * are not those that were dialled. 4N is that of FreePBX 17, 6N that of Issabel.
 */
export function otherPbxes({ suffix }: Lane): string {
  return `
[routes${suffix}]
; the route puts a country code before the number
exten => _4555XXXX,1,Gosub(user-callerid,s,1(LIMIT,EXTERNAL))
 same => n,Set(ROUTE_NAME=all)
 same => n,Gosub(macro-dialout-trunk,s,1(trunk${suffix},49\${EXTEN:1},off))
 same => n,Hangup()
exten => _6555XXXX,1,Macro(user-callerid,LIMIT,EXTERNAL)
 same => n,Set(OUT_TRUNK=PJSIP/\${EXTEN:1}@trunk${suffix})
 same => n,Macro(dialout-trunk-issabel,1,\${EXTEN:1})
 same => n,Hangup()
`
}

export function sharedPbxes(): string {
  return `
[user-callerid]
exten => s,1,Set(AMPUSER=\${CALLERID(num)})
 same => n,Return()

; the number that is sent is the Exten of the one Dial for all trunks
[macro-dialout-trunk]
exten => s,1,Set(TRUNK_PEER=\${ARG1})
 same => n,Set(TRUNK_NUMBER=\${ARG2})
 same => n,Set(GROUP()=OUT_1)
 same => n,Gosub(trunk-dial-with-exten,\${TRUNK_NUMBER},1(PJSIP/\${TRUNK_NUMBER}@\${TRUNK_PEER},20,${FEATURES}))
 same => n,Goto(s-\${DIALSTATUS},1)
exten => _s-.,1,Return()

[trunk-dial-with-exten]
exten => _X.,1,Dial(\${ARG1},\${ARG2},\${ARG3}b(trunk-predial^s^1))
 same => n,Return()

[trunk-predial]
exten => s,1,Return()

[macro-user-callerid]
exten => s,1,Set(AMPUSER=\${CALLERID(num)})

[macro-dialout-trunk-issabel]
exten => s,1,Set(OUTNUM=\${ARG2})
 same => n,Macro(dialout-trunk-predial-hook)
 same => n,Dial(\${OUT_TRUNK},300,${FEATURES})
 same => n,Goto(s-\${DIALSTATUS},1)
exten => _s-.,1,NoOp(\${HANGUPCAUSE})

[macro-dialout-trunk-predial-hook]
exten => s,1,MacroExit()
`
}
