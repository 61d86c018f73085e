import { oneLine } from '../text/one-line.ts'
import { type DatabaseOptions, READ, type TableUse } from './database.ts'
import type { TablePlace } from './table-place.ts'
import { TailProblem } from './tail.ts'

/** What mysql2, pg and the two servers call it, and what that is to a person. */
type Kind =
  | 'unreached'
  | 'starting'
  | 'silent'
  | 'unnamed'
  | 'refused'
  | 'foreign'
  | 'no database'
  | 'no table'
  | 'denied'

const KINDS: Readonly<Record<string, Kind>> = {
  ECONNREFUSED: 'unreached',
  ECONNRESET: 'unreached',
  EPIPE: 'unreached',
  EHOSTUNREACH: 'unreached',
  ENETUNREACH: 'unreached',
  ENOENT: 'unreached',
  PROTOCOL_CONNECTION_LOST: 'unreached',
  ETIMEDOUT: 'silent',
  ER_STATEMENT_TIMEOUT: 'silent',
  ER_QUERY_TIMEOUT: 'silent',
  '57014': 'silent',
  ENOTFOUND: 'unnamed',
  EAI_AGAIN: 'unnamed',
  ER_CON_COUNT_ERROR: 'starting',
  ER_SERVER_SHUTDOWN: 'starting',
  '53300': 'starting',
  '57P01': 'starting',
  '57P03': 'starting',
  ER_ACCESS_DENIED_ERROR: 'refused',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'refused',
  ER_HOST_NOT_PRIVILEGED: 'refused',
  '28P01': 'refused',
  '28000': 'refused',
  ER_DBACCESS_DENIED_ERROR: 'denied',
  ER_TABLEACCESS_DENIED_ERROR: 'denied',
  ER_COLUMNACCESS_DENIED_ERROR: 'denied',
  '42501': 'denied',
  ER_BAD_DB_ERROR: 'no database',
  '3D000': 'no database',
  ER_NO_SUCH_TABLE: 'no table',
  '42P01': 'no table',
}

const ENCRYPTION = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|TLS|SSL|EPROTO/
const MASK = '********'
/** A server may say what it likes: letters. */
const LONGEST_MESSAGE = 300

/** What a person is told of a table that cannot be read. */
export function tableProblem(error: Error, { place, password, use = READ }: Omit<DatabaseOptions, 'ca'>): TailProblem {
  const { code = '' } = error as { code?: string }
  const said = messageOf(error, password)
  const where = place.socket ?? `${place.host} port ${place.port}`
  const { user, database } = place
  const table = place.table.join('.')
  if (ENCRYPTION.test(code) || /does not support (SSL|secure)/i.test(said)) {
    const remedy = 'give the certificate to trust with tls-ca=FILE, and use the host name that is in the certificate'
    return new TailProblem(`the encrypted connection to ${where} failed: ${said}`, remedy)
  }
  // pg has no code for these.
  const kind = KINDS[code] ?? (/timeout expired/.test(said) ? 'silent' : /password/i.test(said) ? 'refused' : undefined)
  switch (kind) {
    case 'unreached':
      return new TailProblem(
        `no database answers at ${where} (${code})`,
        'start the database, or correct the address',
        {
          isPassing: true,
        },
      )
    case 'starting':
      return new TailProblem(
        `the database at ${where} accepts no connections at the moment (${said})`,
        'try again later',
        {
          isPassing: true,
        },
      )
    case 'silent':
      return silent(place, use)
    case 'unnamed':
      return new TailProblem(`the host ${place.host} is unknown (${code})`, 'correct the address')
    case 'refused':
      return new TailProblem(`the database refuses the user ${user} (${said})`, remedyOfRefusal(password, use), {
        isLasting: true,
      })
    case 'denied':
      return new TailProblem(
        `the user ${user} is not allowed to ${use.verb} the table ${table} (${said})`,
        `GRANT ${use.rights} ON it to ${user} in the database`,
        { isLasting: true },
      )
    case 'no database':
      return new TailProblem(`the database ${database} does not exist (${said})`, 'correct the address', {
        isLasting: true,
      })
    case 'no table':
      return noTable(place, use)
    default:
      return new TailProblem(`the database says: ${said}`, 'check the log of the database', {
        sqlState: sqlStateOf(error),
      })
  }
}

/** A server that has taken too long. */
export function silent(place: TablePlace, use: TableUse = READ): TailProblem {
  const where = place.socket ?? `${place.host} port ${place.port}`
  return new TailProblem(
    `the database at ${where} did not answer in time`,
    use.writes
      ? 'check whether it hangs'
      : 'check whether it hangs, and whether the table has an index on its callid column',
  )
}

/** @returns what to tell where the database has no such table */
export function noTable({ database, table }: TablePlace, use: TableUse = READ): TailProblem {
  return new TailProblem(`there is no table ${table.join('.')} in the database ${database}`, `name ${use.named}`, {
    isLasting: true,
  })
}

function remedyOfRefusal(password: string | undefined, { secret: place }: TableUse): string {
  return password === undefined
    ? `the password is missing. Put it in ${place}`
    : `correct the user, or the password in ${place}`
}

/** mysql2 tells it beside its own code; to pg it is the code. */
function sqlStateOf(error: Error): string | undefined {
  const { code, sqlState = code } = error as { code?: string; sqlState?: string }
  return sqlState !== undefined && /^[0-9A-Z]{5}$/.test(sqlState) ? sqlState : undefined
}

function messageOf(error: Error, password: string | undefined): string {
  const { code = '', errors = [] } = error as Error & { code?: string; errors?: Error[] }
  const message = error.message || errors.map((one) => one.message).join(', ') || code
  const masked = password === undefined || password === '' ? message : message.replaceAll(password, MASK)
  return oneLine(masked.replace(/\s+/g, ' ')).slice(0, LONGEST_MESSAGE)
}
