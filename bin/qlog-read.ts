#!/usr/bin/env node
import { runProgram } from '../lib/cli/program.ts'
import { qlogReadOptions, readQueueLog } from '../lib/cli/qlog-read.ts'
import { FILES } from '../lib/files/uses.ts'

void runProgram({
  name: 'qlog-read',
  options: qlogReadOptions,
  operands: FILES.readQueueLog,
  run: (options, errors, { operands }) => readQueueLog(options, operands, errors),
})
