import { collectEvery } from './garbage.ts'

const COLLECT_EVERY_BYTES = 8 * 1024 * 1024

/**
 * Counts bytes that have passed through, of all streams together, and has V8 free their buffers. Every chunk of a
 * request body is memory of its own outside the heap; left to itself V8 lets 32 MiB of them pile up on Node 20 and 64
 * MiB on Node 24, because they hardly fill its young generation. A collection of that takes about a millisecond. Its
 * size could be limited by a flag of the command line alone, which whoever starts the service another way would not
 * set.
 */
export const spent: (bytes: number) => void = collectEvery(COLLECT_EVERY_BYTES, 'young')
