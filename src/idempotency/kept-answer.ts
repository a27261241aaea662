/** What of an answer is given again. Everything else belongs to the request that asks. */
const KEPT_HEADERS = ['content-type', 'location', 'retry-after'] as const

export interface KeptAnswer {
  status: number
  code: string | null
  headers: Record<string, string>
  body: string
}

export function keep (status: number, code: string | null, headerOf: (name: string) => unknown, body: string): string {
  const headers = Object.fromEntries(KEPT_HEADERS.flatMap((name): [string, string][] => {
    const value = headerOf(name)
    return value === undefined ? [] : [[name, String(value)]]
  }))
  return JSON.stringify({ status, code, headers, body } satisfies KeptAnswer)
}

export function readKept (answer: string): KeptAnswer {
  return JSON.parse(answer) as KeptAnswer
}
