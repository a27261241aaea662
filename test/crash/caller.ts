import { setTimeout as sleep } from 'node:timers/promises'
import type { Reply } from '../routes/idempotency/fixture.ts'
import type { Role } from '../../src/credentials/callers.ts'
import type { Service } from './fixture.ts'

/** What a caller means to be done once, and how Connect's book shows that it was. */
export interface Operation {
  role: Role
  method: 'POST' | 'PATCH' | 'DELETE'
  path: string
  body?: unknown
  headers?: Record<string, string>
}

/** What the caller knows in the end: `done`, `refused` (it is told that nothing was done), or `unknown`. */
export interface Told { is: 'done' | 'refused' | 'unknown', reply: Reply | null }

export interface CallerFigures { operations: number, repeats: number, refused: number, unknown: number }

const MAX_TRIES = 400
const MAX_UNKNOWN = 4

/**
 * A caller that sends the same request with the same key until it has an answer that tells what was done. It gives up
 * on an outcome that stays unknown, and on a Connect that goes on failing.
 */
export class Caller {
  readonly figures: CallerFigures = { operations: 0, repeats: 0, refused: 0, unknown: 0 }
  readonly #service: () => Service
  readonly #began: (operations: number) => void
  readonly #passing: readonly number[]

  /**
   * Takes the service as it is now, what to tell of the count of operations, and the statuses that are known to pass.
   */
  constructor (service: () => Service, began: (operations: number) => void, passing: readonly number[] = [429, 503]) {
    this.#service = service
    this.#began = began
    this.#passing = passing
  }

  async tell (operation: Operation, key: string): Promise<Told> {
    const { role, method, path, body, headers } = operation
    this.figures.operations += 1
    this.#began(this.figures.operations)
    let unknown = 0
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (tries > 0) {
        this.figures.repeats += 1
        await sleep(100)
      }
      const reply = await this.#service()[role](method, path, key, body, headers).catch(() => null)
      if (reply === null || this.#passing.includes(reply.status) || reply.json['code'] === 'IDEMPOTENCY_IN_FLIGHT') {
        continue
      }
      if (reply.status < 300) return { is: 'done', reply }
      if (reply.status !== 504) {
        this.figures.refused += 1
        return { is: 'refused', reply }
      }
      if ((unknown += 1) === MAX_UNKNOWN) break
    }
    this.figures.unknown += 1
    return { is: 'unknown', reply: null }
  }

  /** A read; repeated while nobody is there. */
  async read (role: Role, path: string): Promise<Record<string, unknown>> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const reply = await this.#service()[role]('GET', path, null).catch(() => null)
      if (reply?.status === 200) return reply.json
      await sleep(50)
    }
    throw new Error(`nobody answers ${path}`)
  }
}
