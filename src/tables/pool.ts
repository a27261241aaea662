import { setFlagsFromString } from 'node:v8'
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
  /** The bundled or compiled src/table-worker.ts. */
  program: URL
  /** Default: 2. */
  threads?: number
  /** The most tasks that wait for a thread. Half of them may be of one caller. Default: 16. */
  maxWaiting?: number
  /** The memory of one thread in MiB, above which the thread ends. Default: 256. */
  maxHeapMiB?: number
}

export interface TaskOwner {
  /** The id of the caller whose request the task is for. */
  callerId: string
  /** Ends the task when it aborts. */
  signal: AbortSignal
}

export interface TablePool {
  /**
   * Runs a task of src/tables/tasks.ts in a worker thread and gives its result. Of several threads one caller never has
   * all, so that its long tasks do not stop those of others. Throws the AppError of the task, OVERLOADED when too many
   * tasks wait, RATE_LIMITED when too many of this caller wait, BODY_TOO_LARGE when the table takes too much memory,
   * the reason of the signal, and any other error of the task or its thread. `transfer` has the message ports in the
   * input.
   */
  run: <Name extends keyof Tasks>(
    name: Name, input: InputOf<Name>, owner: TaskOwner, transfer?: readonly MessagePort[]
  ) => Promise<ResultOf<Name>>
  /** Waits for the tasks that run or wait, and ends the threads. */
  close: () => Promise<void>
}

const IDLE_MS = 60_000
const RETRY_AFTER_SECONDS = 5
/** A table passes through a thread in short-lived objects: with 48 MiB it is not read quicker. */
const YOUNG_MIB = 24

/**
 * Makes a pool of worker threads, so that a table of a million rows does not stop other requests. The threads start
 * with the first task. A thread that dies ends its own task alone; the next task gets a new thread.
 */
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

/** Loads the package with the first task: the start of the service does not wait for it. */
async function startThreads (program: URL, threads: number, maxHeapMiB: number): Promise<Piscina> {
  const { Piscina } = await import('piscina')
  // `npm start` sets this flag for the heap of the process. For a thread it would be stronger than the limit below.
  setFlagsFromString('--max-semi-space-size=0')
  const started = new Piscina({
    filename: program.href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_MS,
    // A thread that waits by Atomics would not close what its last task left open.
    atomics: 'disabled',
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB, maxYoungGenerationSizeMb: YOUNG_MIB }
  })
  // The task of the thread that died rejects with this error.
  started.on('error', () => {})
  return started
}

/** Ends a wait for a slot when the signal aborts. */
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
