#!/usr/bin/env node
import { runProgram } from '../lib/cli/program.ts'
import { filterProgram } from '../lib/cli/stage-program.ts'
import { onOff } from '../lib/options/kinds.ts'
import { amiFilter } from '../lib/streams/ami-filter.ts'
import { neededEvents } from '../lib/trackers/table.ts'

void runProgram(
  filterProgram(
    'ami-filter',
    { noeventblacklisting: onOff(false) },
    ({ noeventblacklisting }) => amiFilter({ allEvents: noeventblacklisting }),
    // Parsed before it is dropped: what is not JSON passes.
    (event) => !neededEvents.has(event),
  ),
)
