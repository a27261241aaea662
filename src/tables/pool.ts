import { Piscina } from 'piscina'
import { AppError } from '../errors/app-error.ts'
import type { Conversion, ConversionOutcome } from './convert.ts'

export interface TablePoolOptions {
  /** The bundled or compiled src/table-worker.ts. */
  program: URL
  /** Default: 2. */
  threads?: number
  /** The most conversions that wait for a thread. Default: 16. */
  maxWaiting?: number
  /** The memory of one thread in MiB, above which the thread ends. Default: 256. */
  maxHeapMiB?: number
}

export interface TablePool {
  /**
   * Converts a table in a worker thread. `signal` ends the work. Throws the AppError of the conversion, OVERLOADED when
   * too many wait, BODY_TOO_LARGE when the table takes too much memory, and the reason of the signal.
   */
  convert: (task: Conversion, signal: AbortSignal) => Promise<{ rows: number, bytes: number }>
  /** Waits for the conversions that run or wait, and ends the threads. */
  close: () => Promise<void>
}

const IDLE_MS = 60_000

/**
 * Makes a pool of worker threads, so that a table of a million rows does not stop other requests. The threads start
 * with the first conversion. A thread that dies ends its own conversion alone; the next one gets a new thread.
 */
export function createTablePool (
  { program, threads = 2, maxWaiting = 16, maxHeapMiB = 256 }: TablePoolOptions
): TablePool {
  let pool: Piscina | null = null
  const running = new Set<Promise<unknown>>()
  const start = (): Piscina => {
    const started = new Piscina({
      filename: program.href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      // A thread that waits by Atomics would not close what its last conversion left open.
      atomics: 'disabled',
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB, maxYoungGenerationSizeMb: 32 }
    })
    // The conversion that a dead thread had gets the error too.
    started.on('error', () => {})
    return started
  }
  return {
    convert: async (task, signal) => {
      // The queue of piscina has no bound while a thread starts.
      if (running.size >= threads + maxWaiting) {
        throw new AppError('OVERLOADED', 'Too many tables are read now; try again later.', { retryAfterSeconds: 5 })
      }
      pool ??= start()
      const work: Promise<ConversionOutcome> = pool.run(task, { name: 'convert', signal })
      running.add(work)
      let outcome: ConversionOutcome
      try {
        outcome = await work
      } catch (error) {
        throw signal.aborted ? signal.reason : toAppError(error)
      } finally {
        running.delete(work)
      }
      if ('code' in outcome) throw new AppError(outcome.code, outcome.detail)
      return outcome
    },
    close: async () => {
      while (running.size > 0) await Promise.allSettled(running)
      await pool?.destroy()
    }
  }
}

function toAppError (error: unknown): Error {
  if ((error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new AppError('BODY_TOO_LARGE', 'The table takes too much memory.', { cause: error })
  }
  return error instanceof Error ? error : new Error('a worker thread failed', { cause: error })
}
