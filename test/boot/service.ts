import type { Machine } from './machine.ts'

/** How long a start may take, in s. */
export const START_S = 180

/** ami-track as a service of a machine. */
export class Service {
  private readonly machine: Machine

  constructor(machine: Machine) {
    this.machine = machine
  }

  /** @throws if systemd says that it failed */
  async control(command: 'start' | 'stop' | 'restart'): Promise<void> {
    await this.machine.output(`systemctl ${command} ami-track`, START_S)
  }

  async property(name: string): Promise<string> {
    return (await this.machine.output(`systemctl show --value -p ${name} ami-track`)).trim()
  }

  /** Does something to its process, and waits until another one is ready. @param limit in s */
  async replaced(happens: (pid: string) => Promise<unknown>, limit = START_S): Promise<void> {
    const pid = await this.property('MainPID')
    await happens(pid)
    await this.machine.until(
      `systemctl is-active ami-track && [ "$(systemctl show --value -p MainPID ami-track)" != ${pid} ]`,
      limit,
    )
  }

  /** Writes a setting, as an administrator does. */
  async set(key: string, value: string): Promise<void> {
    await this.machine.output(`sed -i "s|^#*${key}=.*|${key}='${value}'|" /etc/default/ami-track`)
  }

  async journal(options = ''): Promise<string> {
    return await this.machine.output(`journalctl -u ami-track --no-pager ${options}`)
  }
}
