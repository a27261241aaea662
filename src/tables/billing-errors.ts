import type { CheckCode, UsageCheck, UsageProblem } from '../../schemas/usage-check.ts'
import { Problems } from './problems.ts'

/** Collects the errors of a reconciliation. Row 1 stands for the header, or for the table as a whole. */
export class BillingErrors {
  readonly #problems = new Problems()
  readonly #rows = new Set<number>()

  get isEmpty (): boolean {
    return !this.#problems.hasError
  }

  add (
    error: Pick<UsageProblem, 'column' | 'recordId' | 'message' | 'value'> & { row: number, code: CheckCode }
  ): void {
    this.#rows.add(error.row)
    this.#problems.add({ ...error, severity: 'error' })
  }

  /** Gives the errors as the check of a table with `rows` rows. An error in row 1 makes none of these rows invalid. */
  toCheck (rows: number): UsageCheck {
    const invalid = [...this.#rows].filter(row => row > 1).length
    return {
      ...this.#problems.summary(),
      rows: { total: rows, valid: rows - invalid, invalid },
      totals: { amount: null, quantityByItem: [] },
      checks: [
        { name: 'structure', status: 'done', reason: null },
        { name: 'values', status: 'done', reason: null },
        ...(['items', 'assets', 'categories'] as const).map(name =>
          ({ name, status: 'skipped' as const, reason: 'A reconciliation does not change them.' }))
      ]
    }
  }
}
