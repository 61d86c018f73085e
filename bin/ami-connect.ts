#!/usr/bin/env node
import { connectOptions, logOptions } from '../lib/cli/connect-options.ts'
import { runProgram } from '../lib/cli/program.ts'
import { runConnect } from '../lib/daemon/live-programs.ts'
import { onOff, text } from '../lib/options/kinds.ts'

void runProgram({
  name: 'ami-connect',
  options: { ...connectOptions, ...logOptions, noeventblacklisting: onOff(false), debugfile: text('FILE') },
  run: runConnect,
})
