import { parseExpected } from '../lab/expected-lines.ts'
import { compareLines } from '../lab/match-lines.ts'
import { quoted } from '../support/programs.ts'
import type { Machine } from './machine.ts'

/** How long a line may take, in ms. */
const LINE_MS = 120_000

const FOLDER = '/var/log/asterisk'
const QUEUE_LOG = `${FOLDER}/queue_log`
/** As old as the last look at queue_log. */
const LOOKED_AT = '/run/boot-test-looked-at'
/**
 * Waits until queue_log was written to after that. It starts no process: in a machine without KVM a loop of `sleep` and `stat`
 * took the processor from Asterisk and ami-track.
 */
const MORE_LINES = `exec 9<> <(:); until [ ${QUEUE_LOG} -nt ${LOOKED_AT} ]; do read -rt 0.1 -u 9; done`

/** Calls that the dialplan of test/boot/asterisk makes. */
export type Beginning = 'queue' | 'park' | 'fetch' | 'dial'

const CHANNELS: Readonly<Record<Beginning, string>> = {
  queue: 'Local/queue@callers/n',
  park: 'Local/park@callers/n',
  fetch: 'Local/fetch@callers/n',
  dial: 'IAX2/1001@127.0.0.1/95550001',
}

/** The Asterisk of a machine, with calls that it makes with itself. */
export class Pbx {
  private readonly machine: Machine
  /** How many lines of queue_log were looked at. */
  private seen = 0

  constructor(machine: Machine) {
    this.machine = machine
  }

  /** Sets it up, with its logs on a disk of their own: where the other disk is full, it can write them. */
  async configure(): Promise<void> {
    const files = '/mnt/asterisk'
    const disk = '/srv/asterisk-logs.ext4'
    await this.booted()
    await this.machine.output(
      [
        'systemctl stop asterisk',
        `fallocate -l 32M ${disk} && mkfs.ext4 -q ${disk} && mkdir /srv/logs && mv ${FOLDER}/* /srv/logs`,
        `echo "${disk} ${FOLDER} ext4 loop 0 2" >> /etc/fstab && systemctl daemon-reload && mount ${FOLDER}`,
        `rmdir ${FOLDER}/lost+found && mv /srv/logs/* ${FOLDER} && chown asterisk:asterisk ${FOLDER}`,
      ].join(' && '),
      120,
    )
    // An Asterisk of sid that is ended while it starts does not end, and systemd waits for it for 90 s.
    const dropIn = '/etc/systemd/system/asterisk.service.d'
    await this.machine.output(`mkdir -p ${dropIn} && printf '[Service]\\nTimeoutStopSec=20\\n' > ${dropIn}/stop.conf`)
    await this.machine.output(`install -o asterisk -g asterisk -m 640 ${files}/*.conf /etc/asterisk/`)
    await this.machine.output('systemctl start asterisk', 120)
    await this.booted()
  }

  async booted(): Promise<void> {
    await this.machine.until(`asterisk -rx 'core waitfullybooted' | grep 'fully booted'`, 120)
  }

  /** Adds a manager user with the privileges that ami-track needs. */
  async addManager(name: string, secret: string): Promise<void> {
    const lines = [
      `[${name}]`,
      `secret = ${secret}`,
      'read = system,call,agent,user',
      'write = agent,call,reporting,user',
    ]
    const file = `/etc/asterisk/manager.d/${name}.conf`
    await this.machine.output(`printf '%s\\n' ${quoted(lines)} > ${file} && chown asterisk ${file}`)
    await this.console('manager reload')
  }

  /** A command of Asterisk's console. */
  async console(command: string): Promise<string> {
    return await this.machine.output(`asterisk -rx ${quoted([command])}`)
  }

  async call(beginning: Beginning): Promise<void> {
    await this.console(`channel originate ${CHANNELS[beginning]} application Wait 600`)
  }

  /** The agent of the queue presses keys. */
  async press(keys: string): Promise<void> {
    await this.console(`dialplan set global KEYS ${keys}`)
  }

  async hangUp(): Promise<void> {
    await this.console('channel request hangup all')
  }

  /** Waits for a line of queue_log, among those that were not compared yet. */
  async wrote(pattern: RegExp): Promise<void> {
    await this.ask(
      (lines) => lines.some((line) => pattern.test(line)),
      () => `no line ${pattern}`,
    )
  }

  /** Waits until the lines that were not compared yet are those expected, in the words of {@link parseExpected}. */
  async wroteAll(expected: string): Promise<void> {
    const paragraphs = parseExpected(expected)
    const lines = await this.ask(
      (actual) => compareLines(actual, paragraphs).isSame,
      (actual) => {
        const { surprise, missing } = compareLines(actual, paragraphs)
        return `not expected there: ${surprise}; missing: ${missing.join(', ')}`
      },
    )
    this.seen += lines.length
  }

  private async ask(isSo: (lines: string[]) => boolean, tell: (lines: string[]) => string): Promise<string[]> {
    const end = performance.now() + LINE_MS
    for (;;) {
      const lines = (await this.lines()).slice(this.seen)
      if (isSo(lines)) return lines
      const left = Math.ceil((end - performance.now()) / 1000)
      if (left <= 0) throw new Error(`${tell(lines)} in\n${lines.join('\n')}`)
      await this.machine.run(MORE_LINES, left)
    }
  }

  /** All lines of calls, without their times, also those before a rotation. */
  private async lines(): Promise<string[]> {
    const text = await this.machine.output(`touch ${LOOKED_AT}; cat ${QUEUE_LOG}.1 ${QUEUE_LOG} 2>/dev/null || true`)
    const lines = text.split('\n').map((line) => line.slice(line.indexOf('|') + 1))
    return lines.filter((line) => line !== '' && !line.startsWith('NONE|NONE|NONE|'))
  }
}
