import {
  PROBLEMS_MAX, type CheckCode, type UsageCheck, type UsageProblem
} from '../../schemas/usage-check.ts'

const VALUE_CHARS = 200

/** Collects the errors of rows: the first 1,000, and how often each code is there. */
export class Problems {
  readonly #problems: UsageProblem[] = []
  readonly #byCode = new Map<CheckCode, UsageCheck['byCode'][number]>()
  readonly #rows = new Set<number>()
  #found = 0

  get isEmpty (): boolean {
    return this.#found === 0
  }

  add (problem: Pick<UsageProblem, 'column' | 'recordId' | 'message' | 'value'> & {
    row: number, code: CheckCode, cell?: string | null
  }): void {
    const { row, code, cell = null, recordId, value } = problem
    this.#found += 1
    this.#rows.add(row)
    const counts = this.#byCode.get(code)
    if (counts === undefined) this.#byCode.set(code, { code, severity: 'error', count: 1, firstRow: row })
    else counts.count += 1
    if (this.#problems.length === PROBLEMS_MAX) return
    this.#problems.push({
      ...problem, cell, severity: 'error', recordId: clipped(recordId), value: clipped(value)
    })
  }

  /** Gives what was found, as a check of `rows` rows. */
  toCheck (rows: number): UsageCheck {
    const invalid = [...this.#rows].filter(row => row > 1).length
    return {
      valid: this.isEmpty,
      rows: { total: rows, valid: rows - invalid, invalid },
      totals: { amount: null, quantityByItem: [] },
      problems: this.#problems,
      byCode: [...this.#byCode.values()],
      truncated: this.#found > this.#problems.length,
      checks: [
        { name: 'structure', status: 'done', reason: null },
        { name: 'values', status: 'done', reason: null },
        ...(['items', 'assets', 'categories'] as const).map(name =>
          ({ name, status: 'skipped' as const, reason: 'A reconciliation does not change them.' }))
      ]
    }
  }
}

function clipped (text: string | null): string | null {
  return text !== null && text.length > VALUE_CHARS ? `${text.slice(0, VALUE_CHARS - 1)}…` : text
}
