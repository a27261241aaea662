import { MAX_ANSWER_BYTES } from '../store/store.ts'

/** The headers that a replay sends again. All others are made for each request. */
const KEPT_HEADERS = ['content-type', 'location', 'retry-after'] as const

export interface KeptAnswer {
  status: number
  code: string | null
  headers: Record<string, string>
  body: string
  /** Whether a write of this request, or of an earlier one with the key, may have had an effect. */
  mayHaveActed: boolean
}

/** How a request ended, for `isKeepable`. `answer` is the text that the store would keep. */
export interface FinalAnswer {
  status: number
  code: string | null
  answer: string
  /** True: this answer is not kept, because the same request may get another one later. Default: false. */
  isInterim?: boolean
}

/**
 * Whether the next request with the key gets this answer, too. Not when the same request may get another answer later,
 * and not when the text is too large for the store. `isAfterSend`: the write was sent before, by an earlier request or
 * an earlier attempt of this one. Then a refusal other than BILLING_CONFLICT does not tell whether that had an effect.
 */
export function isKeepable (final: FinalAnswer, isAfterSend: boolean): boolean {
  if (final.isInterim === true || Buffer.byteLength(final.answer) > MAX_ANSWER_BYTES) return false
  if (isSuccess(final)) return true
  if (isAfterSend) return final.code === 'BILLING_CONFLICT'
  return final.status >= 400 && final.status < 500 && ![401, 403, 408, 429].includes(final.status)
}

export function isSuccess ({ status }: { status: number }): boolean {
  return status >= 200 && status < 300
}

/** Gives the text that the store keeps. `headerOf` gives a header of the answer, or undefined. */
export function keep (
  { status, code, body, mayHaveActed }: Omit<KeptAnswer, 'headers'>, headerOf: (name: string) => unknown
): string {
  const headers = Object.fromEntries(KEPT_HEADERS.flatMap((name): [string, string][] => {
    const value = headerOf(name)
    return value === undefined ? [] : [[name, String(value)]]
  }))
  return JSON.stringify({ status, code, headers, body, mayHaveActed } satisfies KeptAnswer)
}

export function readKept (answer: string): KeptAnswer {
  return JSON.parse(answer) as KeptAnswer
}
