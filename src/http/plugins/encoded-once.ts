import fp from 'fastify-plugin'

/**
 * The length, in UTF-16 units, from which on this plugin encodes a text. Node writes a shorter text together with the
 * headers, which is faster.
 */
const MIN_CHARS = 16 * 1024
/** The most bytes in UTF-8 of one UTF-16 unit of a JavaScript string. */
const MAX_BYTES_PER_CHAR = 3
/** The most bytes of the buffer that all requests share. A text that may need more gets a buffer of its own. */
const MAX_SCRATCH_BYTES = 4 * 1024 * 1024

/**
 * Encodes long answers of reads as UTF-8 once. Without this plugin Fastify encodes the text to count its bytes, and
 * Node encodes the text again to write it.
 */
export const encodedOnce = fp(async (app) => {
  let scratch = Buffer.allocUnsafe(0)
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (typeof payload !== 'string' || payload.length < MIN_CHARS || request.method !== 'GET') {
      return done(null, payload)
    }
    const needed = payload.length * MAX_BYTES_PER_CHAR
    if (needed > MAX_SCRATCH_BYTES) return done(null, Buffer.from(payload))
    if (scratch.length < needed) scratch = Buffer.allocUnsafeSlow(needed)
    done(null, Buffer.from(scratch.subarray(0, scratch.write(payload))))
  })
}, { name: 'encoded-once' })
