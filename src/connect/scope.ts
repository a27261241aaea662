import { setTimeout as startTimer, clearTimeout as stopTimer } from 'node:timers'
import { ConnectAbortedError, ConnectTimeoutError, NOTHING_SENT } from './errors.ts'
import type { LeaveSignal } from './api.ts'
import type { CallTarget, ConnectError, Progress } from './errors.ts'

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
  const open = new Set<(why: End) => void>()
  let isClosed = false

  return {
    open (totalMs, signal) {
      let ended: End | null = null
      let listener: (() => void) | null = null
      const deadline = performance.now() + totalMs

      const end = (why: End): void => {
        if (ended !== null) return
        ended = why
        const stop = listener
        listener = null
        stop?.()
      }
      // A timer per call instead of AbortSignal.timeout and AbortSignal.any: those are held until garbage collection.
      const timer = startTimer(end, totalMs, 'deadline')
      const onAbort = (): void => end('abort')
      signal?.addEventListener('abort', onAbort)
      open.add(end)
      if (isClosed || signal?.aborted === true) end('abort')

      const scope: Scope = {
        get hasEnded () { return ended !== null },
        remainingMs: () => deadline - performance.now(),
        onEnd (stop) {
          if (stop !== null && ended !== null) stop()
          else listener = stop
        },
        failure: (target, progress = NOTHING_SENT) => ended === 'deadline'
          ? new ConnectTimeoutError(target, progress, 'total')
          : new ConnectAbortedError(target, progress),
        sleep: (ms, target) => new Promise((resolve, reject) => {
          const pause = startTimer(() => {
            listener = null
            resolve()
          }, ms)
          scope.onEnd(() => {
            stopTimer(pause)
            reject(scope.failure(target))
          })
        }),
        release () {
          stopTimer(timer)
          signal?.removeEventListener('abort', onAbort)
          open.delete(end)
          listener = null
        }
      }
      return scope
    },
    endAll () {
      isClosed = true
      for (const end of [...open]) end('abort')
    }
  }
}
