import { basename } from 'node:path'

/** Every program, in the one executable of a package: it is the one by whose name it is called. */
const programs: Record<string, () => Promise<unknown>> = {
  'ami-connect': () => import('../bin/ami-connect.ts'),
  'ami-filter': () => import('../bin/ami-filter.ts'),
  'ami-parse': () => import('../bin/ami-parse.ts'),
  'ami-track': () => import('../bin/ami-track.ts'),
  'qlog-write': () => import('../bin/qlog-write.ts'),
  'track-hotdesking': () => import('../bin/track-hotdesking.ts'),
  'track-moh': () => import('../bin/track-moh.ts'),
  'track-outbound': () => import('../bin/track-outbound.ts'),
  'track-parked': () => import('../bin/track-parked.ts'),
}

const name = basename(process.argv0)
const load = Object.hasOwn(programs, name) ? programs[name] : programs['ami-track']
void load?.()
