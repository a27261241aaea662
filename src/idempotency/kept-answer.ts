/**
 * The headers of an answer that the store keeps and a replay sends again. All other headers are made for each request.
 */
const KEPT_HEADERS = ['content-type', 'location', 'retry-after'] as const

export interface KeptAnswer {
  status: number
  code: string | null
  headers: Record<string, string>
  body: string
  /**
   * Whether a write of the request that first got this answer, or of one before it with the same key, may have had an
   * effect.
   */
  mayHaveActed: boolean
}

/**
 * Gives an answer as the text that the store keeps: JSON, with no other headers than KEPT_HEADERS. `headerOf` gives a
 * header of the answer; undefined for a header that the answer does not have.
 */
export function keep (
  { status, code, body, mayHaveActed }: Omit<KeptAnswer, 'headers'>, headerOf: (name: string) => unknown
): string {
  const headers = Object.fromEntries(KEPT_HEADERS.flatMap((name): [string, string][] => {
    const value = headerOf(name)
    return value === undefined ? [] : [[name, String(value)]]
  }))
  return JSON.stringify({ status, code, headers, body, mayHaveActed } satisfies KeptAnswer)
}

/** Gives the answer from a text that `keep` has made. */
export function readKept (answer: string): KeptAnswer {
  return JSON.parse(answer) as KeptAnswer
}
