import './node-streams.ts'
import { objectTransform } from 'through2'

// Nobody else is meant: the readable-stream 3 of pumpify does not know how, from Node 18 on.
delete process.env.READABLE_STREAM

export { objectTransform }
