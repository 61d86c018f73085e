import { AmiSink } from './ami-sink.ts'
import { FileSink } from './file-sink.ts'
import type { OwnAround, SinkKind } from './sink.ts'
import { TextSink } from './text-sink.ts'

/** Lines go into Asterisk's own queue_log. */
const throughAsterisk: SinkKind = {
  stampsTimes: true,
  isShared: true,
  isReadable: true,
  ownFile: undefined,
  create: ({ link, onError: _onError, onMended: _onMended, output: _output, ...options }) => new AmiSink(link, options),
}

const toStdout: SinkKind<OwnAround> = {
  stampsTimes: false,
  isShared: false,
  isReadable: false,
  ownFile: undefined,
  create: ({ output, onSettled }) => new TextSink(output, onSettled),
}

function toFile(path: string): SinkKind<OwnAround> {
  return {
    stampsTimes: false,
    isShared: false,
    isReadable: true,
    ownFile: path,
    create: ({ onError, onMended, onSent, onSettled }) => new FileSink(path, { onError, onMended, onSent, onSettled }),
  }
}

/**
 * Chooses where lines are written. This is the only place for it.
 *
 * @param queuelog what `--queuelog` says: a file, `-` for stdout, undefined for Asterisk's own queue_log
 */
export function sinkFor(queuelog: string): SinkKind<OwnAround>
export function sinkFor(queuelog: string | undefined): SinkKind
export function sinkFor(queuelog: string | undefined): SinkKind | SinkKind<OwnAround> {
  if (queuelog === undefined) return throughAsterisk
  return queuelog === '-' ? toStdout : toFile(queuelog)
}
