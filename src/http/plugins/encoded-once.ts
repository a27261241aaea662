import fp from 'fastify-plugin'

/** Shorter texts are faster as they are: Node writes them together with the head. */
const MIN_CHARS = 16 * 1024
/** Most bytes that UTF-8 takes for one unit of a JavaScript string. */
const MAX_BYTES_PER_CHAR = 3
const MAX_SCRATCH_BYTES = 4 * 1024 * 1024

/**
 * Long answers to reads become bytes here. Left to itself, Fastify goes through the text once for its length and Node
 * once more to write it, and counting the bytes of a text takes as long as making them.
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
