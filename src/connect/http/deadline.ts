import { setTimeout as startTimer, clearTimeout as stopTimer } from 'node:timers'
import { LinkedList, type Place } from './linked-list.ts'
import { ConnectAbortedError, ConnectTimeoutError, NOTHING_SENT } from '../errors.ts'
import type { LeaveSignal } from '../api.ts'
import type { CallTarget, ConnectError, Progress } from '../errors.ts'

/**
 * The life of one call: it ends by its deadline, by the caller's signal or by the client's closing, whichever comes
 * first, and stops whatever the call is doing then.
 */
export interface Scope {
  readonly hasEnded: boolean
  remainingMs (): number
  /** One listener at a time; null removes it. Called at once when the scope has ended already. */
  onEnd (stop: (() => void) | null): void
  /** Why it ended, as an error. */
  failure (target: CallTarget, progress?: Progress): ConnectError
  sleep (ms: number, target: CallTarget): Promise<void>
  /** To be called once the call is over; idempotent. */
  release (): void
}

export interface Scopes {
  open (totalMs: number, signal: LeaveSignal | undefined): Scope
  /** Ends every open scope, and every later one from its start. */
  endAll (): void
}

type End = 'deadline' | 'abort'

/** Keeps track of the calls under way, so that closing can end them. */
export function createScopes (): Scopes {
  const open = new LinkedList<CallScope>()
  let isClosed = false
  return {
    open: (totalMs, signal) => new CallScope(totalMs, signal, open, isClosed),
    endAll () {
      isClosed = true
      for (const scope of open.toArray()) scope.end('abort')
    }
  }
}

/**
 * A class, because there is one for every call: each literal with a getter of its own would be a new shape to V8, and
 * shapes live until the next full collection, with all that the getter's closure can see.
 */
class CallScope implements Scope {
  readonly #deadline: number
  readonly #timer: NodeJS.Timeout
  readonly #signal: LeaveSignal | undefined
  readonly #open: LinkedList<CallScope>
  readonly #place: Place<CallScope>
  readonly #onAbort = (): void => { this.end('abort') }
  #ended: End | null = null
  #listener: (() => void) | null = null

  constructor (totalMs: number, signal: LeaveSignal | undefined, open: LinkedList<CallScope>, isClosed: boolean) {
    this.#deadline = performance.now() + totalMs
    // A timer per call instead of AbortSignal.timeout and AbortSignal.any: those are held until garbage collection.
    this.#timer = startTimer(() => { this.end('deadline') }, totalMs)
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
    this.#open = open
    this.#place = open.add(this)
    if (isClosed || signal?.aborted === true) this.end('abort')
  }

  get hasEnded (): boolean {
    return this.#ended !== null
  }

  end (why: End): void {
    if (this.#ended !== null) return
    this.#ended = why
    const stop = this.#listener
    this.#listener = null
    stop?.()
  }

  remainingMs (): number {
    return this.#deadline - performance.now()
  }

  onEnd (stop: (() => void) | null): void {
    if (stop !== null && this.#ended !== null) stop()
    else this.#listener = stop
  }

  failure (target: CallTarget, progress = NOTHING_SENT): ConnectError {
    return this.#ended === 'deadline'
      ? new ConnectTimeoutError(target, progress, 'total')
      : new ConnectAbortedError(target, progress)
  }

  async sleep (ms: number, target: CallTarget): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const pause = startTimer(() => {
        this.#listener = null
        resolve()
      }, ms)
      this.onEnd(() => {
        stopTimer(pause)
        reject(this.failure(target))
      })
    })
  }

  release (): void {
    stopTimer(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#open.delete(this.#place)
    this.#listener = null
  }
}
