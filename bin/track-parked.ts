#!/usr/bin/env node
import { runTracker } from '../lib/cli/stage-program.ts'

void runTracker('track-parked')
