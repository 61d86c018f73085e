import { fileOf, lookAt, rotatedFiles } from '../queue-log/log-file.ts'
import { type Position, type Sink, StandBy } from '../ship/flow.ts'

/**
 * `qlog-ship --check`: tries the sink, and tells where it is and how much is left; nothing is shipped.
 *
 * @param path the file that is followed; undefined for a stream
 * @returns whether all is well
 */
export async function checkShipping(
  sink: Sink,
  path: string | undefined,
  tell: (text: string) => void,
): Promise<boolean> {
  let position: Position | undefined
  let isWell = true
  try {
    position = await sink.open()
    tell(`ok: ${sink.name} can be filled`)
    if (position === undefined) tell('ok: nothing is shipped yet')
  } catch (error) {
    isWell = error instanceof StandBy
    tell(`${isWell ? 'ok' : 'wrong'}: ${(error as Error).message}`)
  } finally {
    await sink.close()
  }
  if (path === undefined) return isWell
  return (await tellOfFile(path, position, tell)) && isWell
}

async function tellOfFile(
  path: string,
  position: Position | undefined,
  tell: (text: string) => void,
): Promise<boolean> {
  const current = await lookAt(path).catch((error: Error) => error)
  if (current instanceof Error || current === undefined) {
    tell(`wrong: ${path} cannot be read: ${current?.message ?? 'there is no such file'}`)
    return false
  }
  tell(`ok: ${path} can be read, ${current.size} bytes`)
  if (position === undefined) return true
  const place = { head: position.stream, inode: position.part, byte: position.place }
  const found = fileOf(place, [current, ...(await rotatedFiles(path))])
  if (found === undefined) {
    tell(
      'wrong: the file in which the last line stood is gone: lines may be missing, and it goes on with the next file',
    )
    return false
  }
  const left = found.isPacked ? 'and more files' : `${found.size - place.byte} bytes of it are left`
  tell(`ok: it is behind byte ${place.byte} of ${found.path}, ${left}`)
  return true
}
