import type { CloseSummary, RecordOutcome } from './outcome.ts'

export const NDJSON = 'application/x-ndjson'

type Outcomes = AsyncGenerator<RecordOutcome[], CloseSummary, void>

/** A line a record as its outcome becomes known, then the summary. */
export async function * asNdjson (outcomes: Outcomes): AsyncGenerator<string, void, void> {
  const summary = yield * mapped(outcomes, list => list.map(outcome => `${JSON.stringify(outcome)}\n`).join(''))
  yield `${JSON.stringify({ summary })}\n`
}

/**
 * One JSON object, written piece by piece: the records that were not closed, then the summary. A batch without any is a
 * line break: it keeps the connection busy, and a caller that left is noticed.
 */
export async function * asJson (outcomes: Outcomes): AsyncGenerator<string, void, void> {
  yield '{"failures":['
  let isFirst = true
  const summary = yield * mapped(outcomes, (list) => {
    const failures = list.filter(({ outcome }) => outcome !== 'closed').map(outcome => JSON.stringify(outcome))
    if (failures.length === 0) return '\n'
    const text = (isFirst ? '' : ',') + failures.join(',')
    isFirst = false
    return text
  })
  yield `],"summary":${JSON.stringify(summary)}}`
}

async function * mapped (outcomes: Outcomes, toText: (list: RecordOutcome[]) => string): AsyncGenerator<string, CloseSummary, void> {
  try {
    for (;;) {
      const { done, value } = await outcomes.next()
      if (done === true) return value
      yield toText(value)
    }
  } finally {
    await outcomes.return({ requested: 0, closed: 0, refused: 0, unknown: 0 })
  }
}

/** Whether the caller wants a line a record; anything else gets JSON. */
export function wantsNdjson (accept: string | undefined): boolean {
  return accept?.toLowerCase().split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map(part => part.trim())
    return type === NDJSON && !parameters.some(parameter => /^q\s*=\s*0(\.0*)?$/.test(parameter))
  }) ?? false
}
