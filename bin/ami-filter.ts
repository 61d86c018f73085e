#!/usr/bin/env node
import { onOff } from '../lib/cli/options.ts'
import { runProgram } from '../lib/cli/program.ts'
import { filterProgram } from '../lib/cli/stage-program.ts'
import { amiFilter } from '../lib/stages/ami-filter.ts'

await runProgram(
  filterProgram(
    'ami-filter',
    { noeventblacklisting: onOff(false) },
    ({ noeventblacklisting }) => amiFilter({ allEvents: noeventblacklisting }),
    () => false,
  ),
)
