import type { CloseSummary, RecordOutcome } from './record-outcome.ts'

type Outcomes = AsyncGenerator<RecordOutcome[], CloseSummary, void>

/** Gives the answer as NDJSON: a line for each record as its outcome becomes known, then a line with the summary. */
export async function * asNdjson (outcomes: Outcomes): AsyncGenerator<string, void, void> {
  const summary = yield * mapped(outcomes, list => list.map(lineOf).join(''))
  yield `${JSON.stringify({ summary })}\n`
}

/** Most outcomes are `closed`. To build their lines by hand takes less than half the time of JSON.stringify. */
function lineOf (outcome: RecordOutcome): string {
  return outcome.outcome === 'closed' && outcome.already !== true
    ? `{"id":${JSON.stringify(outcome.id)},"index":${outcome.index},"outcome":"closed"}\n`
    : `${JSON.stringify(outcome)}\n`
}

/**
 * Gives the answer as one JSON object, in pieces: the outcomes of the records that were not closed, then the summary.
 * For a batch without such an outcome yields a line break: only where this generator yields can it be ended early.
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

async function * mapped (
  outcomes: Outcomes,
  toText: (list: RecordOutcome[]) => string
): AsyncGenerator<string, CloseSummary, void> {
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
