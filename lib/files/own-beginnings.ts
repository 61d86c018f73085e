import { DUMP_BEGIN } from '../ami/own-events.ts'

/** The first message of a dump that an option has named: what the option may overwrite later. */
export function dumpBegin(option: DumpOption): string {
  return `Event: ${DUMP_BEGIN}\r\nWrittenBy: ami-track --${option}\r\n\r\n`
}

type DumpOption = 'debugfile' | 'anonymize'

/** The first bytes of a page of `explain --html`. */
export const PAGE_BEGIN =
  '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="ami-track explain">'
