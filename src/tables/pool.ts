import type { MessagePort } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { AppError } from '../errors/app-error.ts'
import type * as tasks from './tasks.ts'

type Tasks = typeof tasks
type InputOf<Name extends keyof Tasks> = Parameters<Tasks[Name]>[0]
type OutcomeOf<Name extends keyof Tasks> = Awaited<ReturnType<Tasks[Name]>>
type ResultOf<Name extends keyof Tasks> = Extract<OutcomeOf<Name>, { result: unknown }>['result']

export interface TablePoolOptions {
  /** The bundled or compiled src/table-worker.ts. */
  program: URL
  /** Default: 2. */
  threads?: number
  /** The most tasks that wait for a thread. Default: 16. */
  maxWaiting?: number
  /** The memory of one thread in MiB, above which the thread ends. Default: 256. */
  maxHeapMiB?: number
}

export interface TablePool {
  /**
   * Runs a task of src/tables/tasks.ts in a worker thread and gives its result. `signal` ends the task. Throws the
   * AppError of the task, OVERLOADED when too many tasks wait, BODY_TOO_LARGE when the table takes too much memory, and
   * the reason of the signal. `transfer` has the message ports in the input.
   */
  run: <Name extends keyof Tasks>(
    name: Name, input: InputOf<Name>, signal: AbortSignal, transfer?: readonly MessagePort[]
  ) => Promise<ResultOf<Name>>
  /** Waits for the tasks that run or wait, and ends the threads. */
  close: () => Promise<void>
}

const IDLE_MS = 60_000

/**
 * Makes a pool of worker threads, so that a table of a million rows does not stop other requests. The threads start
 * with the first task. A thread that dies ends its own task alone; the next task gets a new thread.
 */
export function createTablePool (
  { program, threads = 2, maxWaiting = 16, maxHeapMiB = 256 }: TablePoolOptions
): TablePool {
  let pool: Promise<Piscina> | null = null
  const running = new Set<Promise<unknown>>()
  const start = async (): Promise<Piscina> => {
    // Loaded with the first task: the start of the service does not wait for this package.
    const { Piscina } = await import('piscina')
    const started = new Piscina({
      filename: program.href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      // A thread that waits by Atomics would not close what its last task left open.
      atomics: 'disabled',
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB, maxYoungGenerationSizeMb: 32 }
    })
    // The task of a thread that died gets the error too.
    started.on('error', () => {})
    return started
  }
  const run = async <Name extends keyof Tasks>(
    name: Name, input: InputOf<Name>, signal: AbortSignal, transfer: readonly MessagePort[]
  ): Promise<OutcomeOf<Name>> => {
    try {
      const threads = await (pool ??= start())
      return await threads.run(input, { name, signal, transferList: [...transfer] }) as OutcomeOf<Name>
    } catch (error) {
      throw signal.aborted ? signal.reason : toAppError(error)
    }
  }
  return {
    run: async (name, input, signal, transfer = []) => {
      // The queue of piscina has no bound while a thread starts.
      if (running.size >= threads + maxWaiting) {
        throw new AppError('OVERLOADED', 'Too many tables are read now; try again later.', { retryAfterSeconds: 5 })
      }
      const work = run(name, input, signal, transfer)
      running.add(work)
      const outcome = await work.finally(() => running.delete(work))
      if ('code' in outcome) throw new AppError(outcome.code, outcome.detail)
      return outcome.result as ResultOf<typeof name>
    },
    close: async () => {
      while (running.size > 0) await Promise.allSettled(running)
      await (await pool)?.destroy()
    }
  }
}

function toAppError (error: unknown): Error {
  if ((error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new AppError('BODY_TOO_LARGE', 'The table takes too much memory.', { cause: error })
  }
  return error instanceof Error ? error : new Error('a worker thread failed', { cause: error })
}
