#!/usr/bin/env node
import { runProgram } from '../lib/cli/program.ts'
import { amiConnectOptions, assertConnectable } from '../lib/daemon/connect-options.ts'
import { runConnect } from '../lib/daemon/connected-programs.ts'

void runProgram({
  name: 'ami-connect',
  options: amiConnectOptions,
  assertUsable: (options, { secrets }) => assertConnectable(options, secrets),
  run: (options, _errors, { secrets }) => runConnect(options, secrets),
})
