#!/usr/bin/env node
import { connectOptions, logOptions } from '../lib/cli/connect-options.ts'
import { runConnect } from '../lib/cli/live-programs.ts'
import { runProgram } from '../lib/cli/program.ts'
import { onOff, text } from '../lib/option-kinds.ts'

void runProgram({
  name: 'ami-connect',
  options: { ...connectOptions, ...logOptions, noeventblacklisting: onOff(false), debugfile: text('FILE') },
  run: runConnect,
})
