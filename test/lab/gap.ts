import type { Flow } from './flow.ts'
import type { Stage } from './stage.ts'

/** How the daemon comes to see nothing, and how that ends. */
export interface Disturbance {
  begin(): Promise<void>
  end(): Promise<void>
}

/** What a flow knows of the gap through which it is played. */
export interface GapOfFlow {
  /** Waits until all other flows are at the gap: for what must still last when it begins. */
  isNear(): Promise<void>
  /**
   * Goes through the gap, with all other flows at once.
   *
   * @param seen a line that is awaited first, so that the daemon has seen what it follows from
   * @param meanwhile what happens while the daemon sees nothing
   */
  passes(seen: RegExp, meanwhile?: () => Promise<unknown>): Promise<void>
  /** Waits until a line is in queue_log, of this flow and without its time. */
  logged(line: RegExp): Promise<void>
}

/** A call flow in the middle of which there is a gap in what the daemon sees. */
export interface GapFlow extends Omit<Flow, 'play'> {
  play(stage: Stage, gap: GapOfFlow): Promise<void>
}

/** Defines a flow through a gap. */
export function gapFlow(name: string, title: string, play: GapFlow['play'], lines: string): GapFlow {
  return { name, title, play, lines }
}

/** One gap for flows that are played side by side: it begins when all are there, and ends when all have gone through. */
export class Gap {
  private readonly near: Meeting
  private readonly begun: Meeting
  private readonly ended: Meeting

  /** @param flows how many go through it */
  constructor(flows: number, disturbance: Disturbance) {
    this.near = new Meeting(flows, async () => {})
    this.begun = new Meeting(flows, () => disturbance.begin())
    this.ended = new Meeting(flows, () => disturbance.end())
  }

  /**
   * A flow that goes through this gap, to be played once.
   *
   * @param logged waits for a line of the flow that is played on a stage
   */
  through(flow: GapFlow, logged: (line: RegExp, stage: Stage) => Promise<void>): Flow {
    const { near, begun, ended } = this
    const play = async (stage: Stage): Promise<void> => {
      try {
        await flow.play(stage, {
          isNear: () => near.meet(flow),
          passes: async (seen, meanwhile = async () => {}) => {
            await logged(seen, stage)
            near.arrive(flow)
            await begun.meet(flow)
            await meanwhile()
            await ended.meet(flow)
          },
          logged: (line) => logged(line, stage),
        })
      } finally {
        // The others do not wait for one that has failed.
        for (const meeting of [near, begun, ended]) meeting.arrive(flow)
      }
    }
    return { ...flow, play }
  }
}

/** Where each waits until all are there, and something has happened then. */
class Meeting {
  private readonly awaited: number
  private readonly there = new Set<GapFlow>()
  private readonly happened: Promise<void>
  private begin: () => void = () => {}

  constructor(awaited: number, happens: () => Promise<void>) {
    this.awaited = awaited
    this.happened = new Promise<void>((resolve) => {
      this.begin = resolve
    }).then(happens)
    // Who waits is told; where all have failed, nobody does.
    this.happened.catch(() => {})
  }

  arrive(flow: GapFlow): void {
    this.there.add(flow)
    if (this.there.size === this.awaited) this.begin()
  }

  meet(flow: GapFlow): Promise<void> {
    this.arrive(flow)
    return this.happened
  }
}
