#!/usr/bin/env node
import { runProgram } from '../lib/cli/program.ts'
import { ship } from '../lib/cli/qlog-ship.ts'
import { assertShippable } from '../lib/cli/ship-ends.ts'
import { SHIP_SETTINGS, shipOptions } from '../lib/cli/ship-options.ts'

void runProgram({
  name: 'qlog-ship',
  options: shipOptions,
  settings: SHIP_SETTINGS,
  assertUsable: assertShippable,
  run: ship,
})
