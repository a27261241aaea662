import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'

const SAMPLE_MS = 5_000
/** Compared with the average delay of a sample, so that one long turn of the event loop does not count as overload. */
const MAX_LOOP_DELAY_MS = 500
const MAX_HEAP_SHARE = 0.9
const RETRY_AFTER_SECONDS = 5

/**
 * Refuses requests to the routes of `app` with OVERLOADED while the process has too much to do. Otherwise answers would
 * come after the callers' time-outs, or the process would run out of memory. Other routes, such as health checks and
 * metrics, are outside this `app`, and are not refused.
 */
export const overload = fp(async (app, { sampleMs = SAMPLE_MS }: { sampleMs?: number | undefined }) => {
  await app.register(underPressure, {
    sampleInterval: sampleMs,
    maxEventLoopDelay: MAX_LOOP_DELAY_MS,
    maxHeapUsedBytes: getHeapStatistics().heap_size_limit * MAX_HEAP_SHARE,
    pressureHandler: async (request, _reply, type, value) => {
      request.log.warn({ pressure: type, value }, 'overloaded')
      throw new AppError('OVERLOADED', 'The service has more to do than it can.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS
      })
    }
  })
}, { name: 'overload' })
