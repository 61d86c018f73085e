import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Asked, Routes } from '../http/http-server.ts'
import type { Reply } from '../http/reply.ts'
import type { ListenAddress } from '../options/kinds.ts'
import type { ErrorLog } from '../text/log.ts'
import { isLoopback } from '../text/loopback.ts'
import { WrongTokens } from './wrong-tokens.ts'

/** What a browser may do with an answer: nothing but what the page itself does. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
  // nginx would keep events back until it has some thousand bytes of them.
  'X-Accel-Buffering': 'no',
}
/** What there is to see. The page and its script are no secret: they are in every package. */
const DATA = '/v1/'
const LOGIN = '/v1/login'
/** As long as a browser keeps one at most (RFC 6265bis): in seconds. A screen on a wall has no keyboard. */
const COOKIE_SECONDS = 400 * 86_400

export interface LiveGuardOptions {
  /** Where it is listened on. */
  readonly place: ListenAddress
  /** undefined: whoever reaches it may look. */
  readonly token: string | undefined
  /** Told of wrong tokens. */
  readonly errors: ErrorLog
}

/**
 * Who may look by a browser: looks at each request before it is answered.
 *
 * A page of another site can make a browser on this machine ask. What it gets to see of the answer, Origin and Sec-Fetch-Site
 * decide; but a site whose name is led to this machine (DNS rebinding) is no other site to the browser. Its name stands in
 * Host. Without a token, Host has to be a name of the loopback. With one any may stand there, as a proxy has any name: a
 * cookie is of one name, and a foreign page has none.
 */
export class LiveGuard {
  private readonly options: LiveGuardOptions
  private readonly wrong = new WrongTokens()
  private readonly key = randomBytes(32)
  /** By its port: cookies are of a machine, on which other daemons may be. */
  private readonly cookieName: string
  /** In the place of the token, which stays with who typed it. It is the same after a restart. */
  private readonly cookie: string | undefined

  constructor(options: LiveGuardOptions) {
    const { place, token } = options
    this.options = options
    this.cookieName = `ami-track-live-${place.port}`
    this.cookie = token && createHmac('sha256', token).update('cookie of the live page').digest('base64url')
  }

  /** Where one who has the token gets a cookie. */
  readonly routes: Routes = {
    [LOGIN]: ({ headers }, reply) => {
      if (this.cookie !== undefined) {
        const isEncrypted = headers['x-forwarded-proto'] === 'https'
        const terms = `Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Strict${isEncrypted ? '; Secure' : ''}`
        reply.header('Set-Cookie', `${this.cookieName}=${this.cookie}; ${terms}`)
      }
      reply.text(200, 'The token is right.\n')
    },
  }

  readonly admits = (asked: Asked, reply: Reply): boolean => {
    for (const [name, value] of Object.entries(HEADERS)) reply.header(name, value)
    if (!this.isOurName(asked.headers.host ?? '')) {
      reply.text(403, 'This host name is not allowed here: use localhost or 127.0.0.1.\n')
      return false
    }
    if (isOfOtherSite(asked)) {
      reply.text(403, 'A page of another site cannot ask for this.\n')
      return false
    }
    return !asked.path.startsWith(DATA) || this.hasToken(asked, reply)
  }

  private isOurName(host: string): boolean {
    if (this.options.token !== undefined) return true
    const [, address, name = address] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::\d*)?$/.exec(host.toLowerCase()) ?? []
    if (name === undefined) return false
    return isLoopback(name) || name === this.options.place.host.toLowerCase()
  }

  private hasToken({ headers, client }: Asked, reply: Reply): boolean {
    const { token, errors } = this.options
    if (token === undefined || this.cookie === undefined) return true
    const [, given] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
    if (given === undefined && this.isSame(cookieIn(headers.cookie, this.cookieName), this.cookie)) return true
    reply.header('WWW-Authenticate', 'Bearer realm="ami-track"')
    if (given === undefined) {
      reply.text(401, 'A token is needed: Authorization: Bearer TOKEN\n')
      return false
    }
    const wait = this.wrong.waitOf(client)
    if (wait > 0) {
      reply.header('Retry-After', String(Math.ceil(wait / 1000)))
      reply.text(429, 'Your address sent too many wrong tokens. Try again in a minute.\n')
      return false
    }
    if (this.isSame(given, token)) return true
    this.wrong.add(client)
    errors.tell('live token', `--live: ${client} sent a wrong token`)
    reply.text(401, 'The token is wrong.\n')
    return false
  }

  /** Takes as long for each text: how much of it is right cannot be measured. */
  private isSame(given: string, wanted: string): boolean {
    const [one, other] = [given, wanted].map((text) => createHmac('sha256', this.key).update(text).digest())
    return one !== undefined && other !== undefined && timingSafeEqual(one, other)
  }
}

/** Whether a page of another site has made the browser ask. A link may lead to the page itself: nothing is in it yet. */
function isOfOtherSite({ path, headers }: Asked): boolean {
  const { origin, host = '', 'sec-fetch-site': site } = headers
  // The browser's own word goes before Origin, which behind a proxy has another host than Host.
  if (site !== undefined) {
    const isLink = path === '/' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
    return site !== 'same-origin' && site !== 'none' && !isLink
  }
  return origin !== undefined && origin.replace(/^https?:\/\//, '') !== host.toLowerCase()
}

function cookieIn(header: string | undefined, name: string): string {
  const cookies = (header ?? '').split(';').map((cookie) => cookie.trim())
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
}
