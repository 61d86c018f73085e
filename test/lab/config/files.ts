import { LANES, type Lane, lanes } from '../lanes.ts'
import { ariUser, type ServerEntry, users } from '../servers.ts'
import { dialplan } from './dialplan.ts'
import { endpoints } from './endpoints.ts'
import { peers } from './peers.ts'
import { agentPool, followMe, parkingLots, queues } from './queues.ts'

/** What a run of a server can have otherwise. */
export interface Variations {
  /** `timestampevents` in manager.conf. */
  timestamps?: boolean
  /** `systemname` in asterisk.conf: it stands before every Uniqueid. */
  systemName?: string
  /** `disabledevents` in manager.conf. */
  disabledEvents?: string
  /** Further manager users. */
  users?: readonly ManagerUser[]
  /** `queue_log` in logger.conf. */
  queueLog?: boolean
  /** Where extconfig.conf sends queue_log. */
  realtimeQueueLog?: string
  /** `queue_log_to_file` in logger.conf. */
  queueLogToFile?: boolean
  /** How many lanes there are. */
  laneCount?: number
  /** Whether there is any class of music on hold. */
  music?: boolean
}

/** The lanes that there are on a server. */
export function lanesOf({ laneCount = LANES }: Pick<Variations, 'laneCount'> = {}): readonly Lane[] {
  return lanes.slice(0, laneCount)
}

/** A manager user that may be set up otherwise than is documented. */
export interface ManagerUser {
  name: string
  secret: string
  read: string
  write: string
  /** From where it may log in, if not from this machine. */
  permit?: string
  /** Asterisk's default if undefined. */
  writetimeout?: number
  /** Whether a second login is refused. */
  isAlone?: boolean
}

/** The database that a realtime mapping of the lab may name. Asterisk makes a table in it that lacks columns of queue_log. */
export const DATABASE = 'reports'
export const DATABASE_FILE = `/var/lib/asterisk/${DATABASE}.sqlite3`

/** Where the configuration is, seen from inside the server's root. */
export const CONFIGURATION = '/etc/lab'

const BROKEN_MUSIC = 'broken-music'

const MUSIC = `[default]
mode=files
directory=/usr/share/asterisk/sounds/en
[broken]
mode=files
directory=${CONFIGURATION}/${BROKEN_MUSIC}
`

/** Modules that want hardware, networks or databases that are not there. */
const LEFT_OUT = [
  ...['chan_iax2', 'chan_unistim', 'chan_skinny', 'chan_mgcp', 'chan_dahdi', 'chan_alsa', 'chan_console'],
  ...['chan_oss', 'chan_motif', 'res_xmpp', 'res_snmp', 'res_hep', 'res_hep_pjsip', 'res_hep_rtcp', 'res_config_ldap'],
  ...['res_config_pgsql', 'res_config_odbc', 'cdr_pgsql', 'cdr_tds', 'cdr_syslog', 'cel_tds', 'cel_pgsql'],
  ...['pbx_dundi', 'pbx_lua', 'pbx_ael', 'app_jack'],
]

/**
 * The configuration of a server, by file name.
 *
 * @param modules the folder of Asterisk's modules, seen from inside the root
 */
export function configurationFiles(
  { ports, technology }: ServerEntry,
  modules: string,
  {
    timestamps = true,
    systemName,
    disabledEvents = '',
    users: more = [],
    queueLog = true,
    realtimeQueueLog,
    queueLogToFile = false,
    laneCount = LANES,
    music = true,
  }: Variations = {},
): Record<string, string> {
  const all = lanesOf({ laneCount })
  return {
    'asterisk.conf': `[directories]
astetcdir => ${CONFIGURATION}
astmoddir => ${modules}
astvarlibdir => /var/lib/asterisk
astdbdir => /var/lib/asterisk
astkeydir => /var/lib/asterisk
astdatadir => /usr/share/asterisk
astagidir => /usr/share/asterisk/agi-bin
astspooldir => /var/spool/asterisk
astrundir => /var/run/asterisk
astlogdir => /var/log/asterisk
[options]
verbose = 3
${systemName === undefined ? '' : `systemname = ${systemName}\n`}`,
    'modules.conf': `[modules]\nautoload=yes\n${[...LEFT_OUT, ...(technology === 'SIP' ? [] : ['chan_sip'])].map((name) => `noload => ${name}.so\n`).join('')}`,
    'logger.conf': `[general]
queue_log = ${queueLog ? 'yes' : 'no'}
queue_log_to_file = ${queueLogToFile ? 'yes' : 'no'}
[logfiles]
messages => notice,warning,error
full => verbose(3),notice,warning,error
`,
    'manager.conf': `[general]
enabled=yes
bindaddr=127.0.0.1
port=${ports.ami}
tlsenable=yes
tlsbindaddr=127.0.0.1:${ports.amiTls}
tlscertfile=${CONFIGURATION}/manager.pem
timestampevents=${timestamps ? 'yes' : 'no'}
disabledevents=${disabledEvents}
${[...Object.values(users).map((user) => ({ ...user, writetimeout: 10_000 })), ...more].map(managerUser).join('')}`,
    'extconfig.conf': `[settings]\nqueues => sqlite3,${DATABASE},queues\nqueue_members => sqlite3,${DATABASE},queue_members\n${realtimeQueueLog === undefined ? '' : `queue_log => ${realtimeQueueLog}\n`}`,
    'res_config_sqlite3.conf': `[${DATABASE}]\ndbfile => ${DATABASE_FILE}\n`,
    'rtp.conf': `[general]\nrtpstart=${ports.rtp}\nrtpend=${ports.rtp + 2000}\nicesupport=no\n`,
    'musiconhold.conf': music ? MUSIC : '',
    // There is no codec that could make a sound of it.
    [`${BROKEN_MUSIC}/tune.g729`]: '\0'.repeat(1000),
    'http.conf': `[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport=${ports.http}\n`,
    'ari.conf': `[general]\nenabled=yes\n[${ariUser.name}]\ntype=user\nread_only=no\npassword=${ariUser.secret}\n`,
    'confbridge.conf': '[general]\n[default_user]\ntype=user\nquiet=yes\n[default_bridge]\ntype=bridge\n',
    'followme.conf': followMe(all),
    'agents.conf': agentPool(all),
    'features.conf': '[general]\n[featuremap]\nblindxfer => #1\ndisconnect => *0\natxfer => *2\nparkcall => #72\n',
    'indications.conf': `[general]
country=us
[us]
description=US
ringcadence=2000,4000
dial=350+440
busy=480+620/500,0/500
ring=440+480/2000,0/4000
congestion=480+620/250,0/250
`,
    'cdr.conf': '[general]\nenable=yes\n',
    'cel.conf': '[general]\nenable=no\n',
    'ccss.conf': '[general]\n',
    'udptl.conf': '[general]\n',
    'acl.conf': '',
    'res_parking.conf': parkingLots(all),
    'queues.conf': queues(all),
    'extensions.conf': dialplan(technology, all),
    ...(technology === 'SIP'
      ? { 'pjsip.conf': '', 'sip.conf': peers(ports, all) }
      : { 'pjsip.conf': endpoints(ports, all) }),
  }
}

function managerUser({
  name,
  secret,
  read,
  write,
  writetimeout,
  isAlone = false,
  permit = '127.0.0.1/255.255.255.255',
}: ManagerUser): string {
  return `[${name}]
secret=${secret}
deny=0.0.0.0/0.0.0.0
permit=${permit}
read=${read}
write=${write}
allowmultiplelogin=${isAlone ? 'no' : 'yes'}
${writetimeout === undefined ? '' : `writetimeout=${writetimeout}\n`}`
}
