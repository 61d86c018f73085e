/** What the name of a channel or an interface begins with, any number of them, in any case. */
export const TECHNOLOGY =
  /^(?:(?:AsyncGoto|Agent|ALSA|Announcer|AudioSocket|Bridge|CAPI|CBAnn|CBRec|Console|DAHDI|Dongle|H323|IAX2|Jingle|Khomp|Local|Message|MGCP|mISDN|Motif|MulticastRTP|OOH323|OSS|Parked|Phone|PJSIP|Quectel|Recorder|RTP|SCCP|SIP|Skinny|Snoop|Surrogate|UnicastRTP|UniStim|USTM|VPB|WebSocket|Zap)\/)+/i
