import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'

const SAMPLE_MS = 5_000
/** The mean of a sample: a single long turn of the event loop is no overload, one after the other for seconds are. */
const MAX_LOOP_DELAY_MS = 500
const MAX_HEAP_SHARE = 0.9
const RETRY_AFTER_SECONDS = 5

/**
 * Turns requests of its scope away before the process suffers: nobody is helped by an answer that comes after its
 * caller has given up, or by a process that runs out of memory with everybody's work in it. Health is outside.
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
