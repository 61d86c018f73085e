/**
 * The words that may stay in a dump that is shown to others: those of Asterisk and of the dialplans that everybody has. A
 * list is of one kind of header, as `park` is a part of a context, and a family name.
 */

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}

/** Extensions that Asterisk itself dials. */
const ASTERISK_EXTENSION =
  /^(?:[aehiostT]|fax|failed|s-(?:ANSWER|BUSY|CANCEL|CHANUNAVAIL|CONGESTION|DONTCALL|INVALIDARGS|NOANSWER|TORTURE))$/

export function isAsterisksExtension(text: string): boolean {
  return ASTERISK_EXTENSION.test(text)
}

/** What stands in URIs and dial strings besides names and numbers. */
const URI_WORDS = words('sip sips tel user phone transport tcp udp tls ws wss lr anonymous unknown')

/** `g1`, `R12`: a group of DAHDI channels. */
const CHANNEL_GROUP = /^[gGrRi]\d{1,2}$/

export function isDialWord(text: string): boolean {
  return URI_WORDS.has(text) || CHANNEL_GROUP.test(text) || isAsterisksExtension(text)
}

/** The options of a Local channel: `Local/1002@from-queue/n`. */
export const LOCAL_OPTIONS = /^\/[bcjmn]+$/

/** What Asterisk and trunks say in the place of a caller. */
export const NO_CALLER = words(
  '<unknown> anonymous Anonymous unknown Unknown unavailable Unavailable restricted Restricted',
)

/** What queues, parking lots and account codes have in their names before anybody gave them one. */
export const PLACE_WORDS = words('default outbound parkedcalls parkinglot pk q')

/** What the contexts of Asterisk's samples, FreePBX and Issabel are made of. */
export const CONTEXT_WORDS = words(`
  agent agentcallback agents app applications authenticated bad blackhole blacklist call callback callerid calls
  code codes conf confbridge conference conferences context cw default demo dest did direct directory disa dial dialExt
  dialOne dialone dialout dialparties dnd do ext exten extension extensions external fax feature featurecodes features
  findmefollow fm fmfm followme from fromto group grps handler handlers hang hangupcall hint hints hook hookstate hotdesk
  inbound incoming intercom internal ivr local login logoff logout macro main meetme miscdest miscdests noautomon number
  one originate outbound outbox outgoing outrt page paging park parkandannounce parked parkedcall parkedcalls parking
  parkinglot parkreturn password pause perm permission play post predial pstn public queue queues record recording
  recordings restrict return ringgroup ringing ringinggroup route routes service services simple sip speeddial stdexten sub
  subscriber test time timecondition timeconditions toggle transfer trunk trunks user userlogoff userlogon users vm vmx
  voicemail with xfer zapbarge
`)

/** Applications of Asterisk's dialplan, as a channel is said to be in, or a transfer to lead to. */
export const APPLICATIONS = words(`
  AddQueueMember AGI Answer AppDial AppDial2 AppQueue AttendedTransfer AudioSocket Background BackGround BackgroundDetect
  BlindTransfer Bridge BridgeAdd BridgeWait Busy ChanSpy ConfBridge Congestion ControlPlayback Dial Dictate Directory DISA
  DumpChan EAGI Echo Exec ExecIf ExtenSpy ExternalIVR FastAGI FollowMe ForkCDR Gosub GosubIf Goto GotoIf GotoIfTime Hangup
  ICES JACK Log Macro MacroIf MeetMe Milliwatt MinivmRecord MixMonitor MP3Player MusicOnHold NBScat NoCDR NoOp Originate
  Page Park ParkAndAnnounce ParkedCall PauseQueueMember Pickup PickupChan Playback PlayTones PrivacyManager Proceeding
  Progress Queue QueueLog Read ReadExten ReceiveFAX Record RemoveQueueMember RetryDial Return Ringing SayAlpha SayDigits
  SayNumber SayUnixTime SendDTMF SendFAX SendText Set SetAMAFlags SIPAddHeader SLAStation SLATrunk SoftHangup
  SpeechBackground StackPop Stasis StopMixMonitor StopMusicOnHold StopPlayTones System TestClient TestServer Transfer
  TryExec TrySystem UnpauseQueueMember UserEvent Verbose VMAuthenticate VoiceMail VoiceMailMain VoicemailMain Wait WaitExten
  WaitForNoise WaitForRing WaitForSilence WaitUntil While Zapateller
`)
