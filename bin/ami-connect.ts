#!/usr/bin/env node
import { amiConnectOptions, assertConnectable } from '../lib/cli/connect-options.ts'
import { runProgram } from '../lib/cli/program.ts'
import { runConnect } from '../lib/daemon/live-programs.ts'

void runProgram({
  name: 'ami-connect',
  options: amiConnectOptions,
  assertUsable: assertConnectable,
  run: runConnect,
})
