import { LinkedList } from './linked-list.ts'
import { ConnectOverloadedError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'
import type { Scope } from './deadline.ts'

/** Lets a fixed number of calls in and a bounded number wait, for a bounded time. undici's own queue has no bound. */
export interface Gate {
  readonly running: number
  readonly pending: number
  /** Resolves when the call holds a place, which it gives back with `leave`. */
  enter (scope: Scope, target: CallTarget): Promise<void>
  leave (): void
}

export interface GateLimits {
  readonly places: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
}

/** First come, first served. */
export function createGate ({ places, maxWaiting, maxWaitMs }: GateLimits): Gate {
  const waiting = new LinkedList<() => void>()
  let running = 0

  return {
    get running () { return running },
    get pending () { return waiting.size },
    async enter (scope, target) {
      if (scope.hasEnded) throw scope.failure(target)
      if (running < places) {
        running += 1
        return
      }
      if (waiting.size >= maxWaiting) throw new ConnectOverloadedError(target)
      await new Promise<void>((resolve, reject) => {
        const giveUp = (error: Error): void => {
          clearTimeout(timer)
          waiting.delete(place)
          scope.onEnd(null)
          reject(error)
        }
        const admit = (): void => {
          clearTimeout(timer)
          waiting.delete(place)
          scope.onEnd(null)
          resolve()
        }
        const timer = setTimeout(() => giveUp(new ConnectOverloadedError(target)), maxWaitMs)
        const place = waiting.add(admit)
        scope.onEnd(() => giveUp(scope.failure(target)))
      })
    },
    leave () {
      // The place passes on directly, so that a newcomer cannot slip in between.
      const next = waiting.first
      if (next === null) running -= 1
      else next()
    }
  }
}
