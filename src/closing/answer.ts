import { NDJSON } from '../media-types.ts'
import type { CloseSummary, RecordOutcome } from './outcome.ts'

type Outcomes = AsyncGenerator<RecordOutcome[], CloseSummary, void>

/** The NDJSON form: one line for each record as its outcome becomes known, then the summary. */
export async function * asNdjson (outcomes: Outcomes): AsyncGenerator<string, void, void> {
  const summary = yield * mapped(outcomes, list => list.map(lineOf).join(''))
  yield `${JSON.stringify({ summary })}\n`
}

/** Nearly all records are closed. Their lines are built by hand, in less than half the time of JSON.stringify. */
function lineOf (outcome: RecordOutcome): string {
  return outcome.outcome === 'closed' && outcome.already !== true
    ? `{"id":${JSON.stringify(outcome.id)},"index":${outcome.index},"outcome":"closed"}\n`
    : `${JSON.stringify(outcome)}\n`
}

/**
 * The JSON form: one object, written piece by piece, with the records that were not closed, then the summary. A batch
 * whose records are all closed writes a line break, so that a caller that left is noticed.
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

const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/**
 * Takes an Accept header. True if it names NDJSON and does not weigh JSON higher (RFC 9110, 12.5.1). A weight that
 * cannot be read counts as 0.
 */
export function wantsNdjson (accept: string | undefined): boolean {
  const weights = new Map<string, number>()
  for (const range of accept?.toLowerCase().replace(/\s/g, '').split(',') ?? []) {
    const [type = '', ...parameters] = range.split(';')
    const given = parameters.find(parameter => parameter.startsWith('q='))
    weights.set(type, given === undefined ? 1 : Number(WEIGHT.exec(given)?.[1] ?? 0))
  }
  const json = weights.get('application/json') ?? weights.get('application/*') ?? weights.get('*/*') ?? 0
  const ndjson = weights.get(NDJSON) ?? 0
  return ndjson > 0 && ndjson >= json
}
