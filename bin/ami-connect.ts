#!/usr/bin/env node
import { amiConnectOptions, assertConnectable } from '../lib/cli/connect-options.ts'
import { runConnect } from '../lib/cli/live-programs.ts'
import { runProgram } from '../lib/cli/program.ts'

void runProgram({
  name: 'ami-connect',
  options: amiConnectOptions,
  assertUsable: assertConnectable,
  run: runConnect,
})
