import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'

const SAMPLE_MS = 5_000
/** The average of a sample is compared, so that one long turn of the event loop does not count as overload. */
const MAX_LOOP_DELAY_MS = 500
const MAX_HEAP_SHARE = 0.9
const RETRY_AFTER_SECONDS = 5

/**
 * Refuses requests while the process has too much to do: otherwise answers would come after the callers' time-outs, or
 * the process would run out of memory. Health checks are not refused.
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
