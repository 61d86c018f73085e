#!/usr/bin/env node
import { runTracker } from '../lib/cli/stage-program.ts'

await runTracker('track-parked')
