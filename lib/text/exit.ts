/** 128 and the number of the signal, where one ended the program. */
export const EXIT = { ok: 0, failed: 1, usage: 2, hopeless: 3, SIGINT: 130, SIGTERM: 143 } as const

/** Ends a program for a reason that its message tells in full. */
export class Failure extends Error {
  constructor(text: string) {
    super(text)
    this.name = 'Failure'
  }
}

/** Ends a program for a reason that its message tells in full: with these settings it will never work. */
export class Hopeless extends Error {
  constructor(text: string) {
    super(text)
    this.name = 'Hopeless'
  }
}
