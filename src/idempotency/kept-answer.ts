/** The headers of an answer that are kept and sent again. All others are made for each request. */
const KEPT_HEADERS = ['content-type', 'location', 'retry-after'] as const

export interface KeptAnswer {
  status: number
  code: string | null
  headers: Record<string, string>
  body: string
}

/** Gives an answer as the text that the store keeps. */
export function keep (status: number, code: string | null, headerOf: (name: string) => unknown, body: string): string {
  const headers = Object.fromEntries(KEPT_HEADERS.flatMap((name): [string, string][] => {
    const value = headerOf(name)
    return value === undefined ? [] : [[name, String(value)]]
  }))
  return JSON.stringify({ status, code, headers, body } satisfies KeptAnswer)
}

/** Reads a text that `keep` has made. */
export function readKept (answer: string): KeptAnswer {
  return JSON.parse(answer) as KeptAnswer
}
