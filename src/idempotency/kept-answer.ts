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
