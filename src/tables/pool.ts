import type { MessagePort } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { AppError } from '../errors/app-error.ts'
import { Semaphore, type WaitEnd } from '../limits/semaphore.ts'
import type * as tasks from './tasks.ts'

type Tasks = typeof tasks
type InputOf<Name extends keyof Tasks> = Parameters<Tasks[Name]>[0]
type OutcomeOf<Name extends keyof Tasks> = Awaited<ReturnType<Tasks[Name]>>
type ResultOf<Name extends keyof Tasks> = Extract<OutcomeOf<Name>, { result: unknown }>['result']

export interface TablePoolOptions {
  /** The address of the program of a worker thread: src/table-worker.ts, bundled or compiled. */
  program: URL
  threads?: number
  /** The most tasks that may wait for a thread. At most half of them, rounded up, are of one caller. Default: 16. */
  maxWaiting?: number
  /** The largest heap of one thread in MiB, without the part for new objects. Default: 256. */
  maxHeapMiB?: number
}

export interface TaskOwner {
  callerId: string
  /** The signal that ends the task, also while the task waits for a thread. */
  signal: AbortSignal
}

export interface TablePool {
  /**
   * Runs a task of src/tables/tasks.ts in a worker thread. If there are several threads, the tasks of one caller leave
   * one thread free. `transfer` has the message ports in the input. Throws the error of the task, OVERLOADED when too
   * many tasks wait, RATE_LIMITED when too many of this caller wait, BODY_TOO_LARGE when the thread needs too much
   * memory, and the reason of `owner.signal` when that aborts.
   */
  run: <Name extends keyof Tasks>(
    name: Name, input: InputOf<Name>, owner: TaskOwner, transfer?: readonly MessagePort[]
  ) => Promise<ResultOf<Name>>
  /** Waits until no task runs or waits, and then ends the threads. To be called when no more tasks come. */
  close: () => Promise<void>
}

const IDLE_MS = 60_000
const RETRY_AFTER_SECONDS = 5
/**
 * The size in MiB of the part of a thread's heap for new objects. With 48 MiB a table is not read faster, and with 24 a
 * million different strings take 2 MiB more memory.
 */
const YOUNG_MIB = 18

/** A thread starts when a task needs it. When a thread dies, only its own task fails, and a new thread can start. */
export function createTablePool (
  { program, threads = 2, maxWaiting = 16, maxHeapMiB = 256 }: TablePoolOptions
): TablePool {
  let pool: Promise<Piscina> | null = null
  const running = new Set<Promise<unknown>>()
  const maxWaitingEach = Math.ceil(maxWaiting / 2)
  const semaphore = new Semaphore({
    slots: threads, slotsPerKey: Math.max(1, threads - 1), maxWaiting: maxWaitingEach
  })
  const run = async <Name extends keyof Tasks>(
    name: Name, input: InputOf<Name>, { callerId, signal }: TaskOwner, transfer: readonly MessagePort[]
  ): Promise<OutcomeOf<Name>> => {
    const slot = await semaphore.acquire(callerId, endedBy(signal))
    if ('refused' in slot) {
      if (signal.aborted) throw signal.reason
      const detail = `A caller may have ${maxWaitingEach} tables wait to be read; try again later.`
      throw new AppError('RATE_LIMITED', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS })
    }
    try {
      const piscina = await (pool ??= startThreads(program, threads, maxHeapMiB))
      return await piscina.run(input, { name, signal, transferList: [...transfer] }) as OutcomeOf<Name>
    } catch (error) {
      throw signal.aborted ? signal.reason : toAppError(error)
    } finally {
      slot.release()
    }
  }
  return {
    run: async (name, input, owner, transfer = []) => {
      if (running.size >= threads + maxWaiting) {
        const detail = 'Too many tables are read now; try again later.'
        throw new AppError('OVERLOADED', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS })
      }
      const work = run(name, input, owner, transfer)
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

/** The package is loaded only with the first task, so that the service starts sooner. */
async function startThreads (program: URL, threads: number, maxHeapMiB: number): Promise<Piscina> {
  const { Piscina } = await import('piscina')
  const started = new Piscina({
    filename: program.href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_MS,
    // With Atomics, a thread that waits for a task would block, and not close the files that its last task left open.
    atomics: 'disabled',
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB, maxYoungGenerationSizeMb: YOUNG_MIB }
  })
  // The error of a thread that died also comes here, beside the rejection of its task. Without this listener the error
  // would end the process.
  started.on('error', () => {})
  return started
}

function endedBy (signal: AbortSignal): WaitEnd {
  let end: (() => void) | null = null
  return {
    onEnd: listener => {
      if (end !== null) signal.removeEventListener('abort', end)
      end = listener
      if (listener === null) return
      if (signal.aborted) listener()
      else signal.addEventListener('abort', listener)
    }
  }
}

function toAppError (error: unknown): Error {
  if ((error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new AppError('BODY_TOO_LARGE', 'The table takes too much memory.', { cause: error })
  }
  return error instanceof Error ? error : new Error('a worker thread failed', { cause: error })
}
