import { join, resolve } from 'node:path'
import { root } from '../support/package.ts'

/** An Asterisk that the lab runs. Adding a version is one line of {@link servers}. */
export interface ServerEntry {
  /** `asterisk-22`: the name of its folder, here and in fixtures/. */
  name: string
  /** The suite of Debian that has this version. */
  suite: string
  /** Where the suite is, if the mirror of this machine does not have it (any more). */
  mirror?: string
  /** The keyring that signs it, if it is not one that apt trusts here. */
  keyring?: string
  /** The driver of the channels of phones. */
  technology: Technology
  ports: Ports
}

/** chan_pjsip, or chan_sip, which Asterisk has no more from 21 on. */
export type Technology = 'PJSIP' | 'SIP'

/** All on the loopback interface. */
export interface Ports {
  sip: number
  ami: number
  amiTls: number
  /** Of ARI. */
  http: number
  /** Of the relay through which a daemon is connected whose link is disturbed. */
  link: number
  /** The first of 2000 for audio. */
  rtp: number
  /** The first of 2000 for the lab's own phones. */
  phones: number
}

export const servers: readonly ServerEntry[] = [
  {
    name: 'asterisk-16',
    suite: 'bullseye',
    technology: 'PJSIP',
    ports: { sip: 5160, ami: 5138, amiTls: 5139, http: 5136, link: 5137, rtp: 22000, phones: 18000 },
  },
  {
    name: 'asterisk-22',
    suite: 'sid',
    technology: 'PJSIP',
    ports: { sip: 5260, ami: 5238, amiTls: 5239, http: 5236, link: 5237, rtp: 20000, phones: 16000 },
  },
  {
    name: 'asterisk-16-sip',
    suite: 'bullseye',
    technology: 'SIP',
    ports: { sip: 5360, ami: 5338, amiTls: 5339, http: 5336, link: 5337, rtp: 24000, phones: 26000 },
  },
]

/** @throws if there is no such server */
export function serverNamed(name: string): ServerEntry {
  const server = servers.find((entry) => entry.name === name)
  if (server === undefined) throw new Error(`no server ${name}; there are ${servers.map((entry) => entry.name)}`)
  return server
}

/** The folder in which the servers are kept between runs. */
export const labFolder = resolve(process.env.LAB || join(root, '.lab'))

export function rootOf(server: ServerEntry): string {
  return join(labFolder, server.name)
}

/** Who may log in to the manager port. */
export const users = {
  /** The daemon, with exactly the privileges that its documentation asks for. */
  tracker: {
    name: 'tracker',
    secret: 'tr4ck-s3cret',
    read: 'system,call,agent,user',
    write: 'agent,call,reporting,user',
  },
  /** A daemon that somebody gave too little. */
  weak: { name: 'weak', secret: 'w34k-s3cret', read: 'system,call,agent,user', write: 'call,reporting,user' },
  /** Daemons that may not ask for everything, by what they may. */
  agentOnly: { name: 'agent-only', secret: 'ag3nt-s3cret', read: 'system,call,agent', write: 'agent' },
  callOnly: { name: 'call-only', secret: 'c4ll-s3cret', read: 'system,call,agent', write: 'agent,call' },
  reportingOnly: { name: 'reporting-only', secret: 'r3p-s3cret', read: 'system,call,agent', write: 'agent,reporting' },
  /** The lab itself. */
  lab: { name: 'lab', secret: 'l4b-s3cret', read: 'system,call,agent', write: 'all' },
} as const

/** Who may use ARI. */
export const ariUser = { name: 'lab', secret: '4ri-s3cret' } as const

export type User = (typeof users)[keyof typeof users]
