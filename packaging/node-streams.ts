/**
 * Copies of Node's own streams that libraries bring along for other platforms, and what stands for them in a program: more than
 * half of what it loaded were two of them. READABLE_STREAM=disable does the same where nothing is bundled.
 */
export const NODE_STREAMS: Readonly<Record<string, string>> = { 'readable-stream': 'node:stream' }
