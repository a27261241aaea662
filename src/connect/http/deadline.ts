import { setTimeout as startTimer, clearTimeout as stopTimer } from 'node:timers'
import { ConnectAbortedError, ConnectTimeoutError, NOTHING_SENT } from '../errors.ts'
import type { LeaveSignal } from '../api.ts'
import type { CallTarget, ConnectError, Progress } from '../errors.ts'
import { LinkedList, type Place } from '../../limits/linked-list.ts'

/** The deadlines of all running calls of one client, so that the client can end these calls when it closes. */
export class Deadlines {
  readonly #open = new LinkedList<Deadline>()
  #isClosed = false

  open (totalMs: number, signal: LeaveSignal | undefined): Deadline {
    const deadline = new Deadline(totalMs, signal, this.#open)
    if (this.#isClosed) deadline.abort()
    return deadline
  }

  /** Deadlines that are opened later end at once. */
  endAll (): void {
    this.#isClosed = true
    for (const deadline of this.#open.toArray()) deadline.abort()
  }
}

/** Ends when the time is over, when `signal` aborts or when the client closes. Then calls its listener. */
export class Deadline {
  readonly #endsAt: number
  readonly #timer: NodeJS.Timeout
  readonly #signal: LeaveSignal | undefined
  readonly #open: LinkedList<Deadline>
  readonly #place: Place<Deadline>
  readonly #onAbort = (): void => { this.abort() }
  #endedBy: 'time' | 'abort' | null = null
  #listener: (() => void) | null = null

  constructor (totalMs: number, signal: LeaveSignal | undefined, open: LinkedList<Deadline>) {
    this.#endsAt = performance.now() + totalMs
    // The timer of AbortSignal.timeout could not be stopped when the call is over.
    this.#timer = startTimer(() => { this.#end('time') }, totalMs)
    this.#open = open
    this.#place = open.add(this)
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted === true) this.abort()
  }

  get hasEnded (): boolean {
    return this.#endedBy !== null
  }

  abort (): void {
    this.#end('abort')
  }

  remainingMs (): number {
    return this.#endsAt - performance.now()
  }

  /** Sets the one listener, in place of an earlier one. When the deadline has ended, calls the new one at once. */
  onEnd (listener: (() => void) | null): void {
    if (listener !== null && this.hasEnded) listener()
    else this.#listener = listener
  }

  error (target: CallTarget, progress: Progress = NOTHING_SENT): ConnectError {
    return this.#endedBy === 'time'
      ? new ConnectTimeoutError(target, progress, 'total')
      : new ConnectAbortedError(target, progress)
  }

  /** Replaces the listener. Rejects with `error()` if the deadline ends first. */
  async sleep (ms: number, target: CallTarget): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const pause = startTimer(() => {
        this.#listener = null
        resolve()
      }, ms)
      this.onEnd(() => {
        stopTimer(pause)
        reject(this.error(target))
      })
    })
  }

  /** To be called when the call is over. Idempotent. */
  release (): void {
    stopTimer(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#open.delete(this.#place)
    this.#listener = null
  }

  #end (by: 'time' | 'abort'): void {
    if (this.hasEnded) return
    this.#endedBy = by
    const listener = this.#listener
    this.#listener = null
    listener?.()
  }
}
