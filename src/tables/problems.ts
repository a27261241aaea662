import {
  PROBLEMS_MAX, type CheckCode, type Severity, type UsageCheck, type UsageProblem
} from '../../schemas/usage-check.ts'

const VALUE_CHARS = 200

/** Collects the problems of a table: the first 1,000, and how often each code occurs with each severity. */
export class Problems {
  readonly #first: UsageProblem[] = []
  readonly #byCode = new Map<string, UsageCheck['byCode'][number]>()
  readonly #onProblem: ((problem: UsageProblem) => void) | null
  #count = 0
  #hasError = false

  /** `onProblem` is called with every problem, also after the first 1,000. */
  constructor (onProblem: ((problem: UsageProblem) => void) | null = null) {
    this.#onProblem = onProblem
  }

  get hasError (): boolean {
    return this.#hasError
  }

  add (problem: Pick<UsageProblem, 'row' | 'column' | 'recordId' | 'message' | 'value'> & {
    code: CheckCode, severity: Severity, cell?: string | null
  }): void {
    const { row, code, severity, cell = null, recordId, value } = problem
    this.#count += 1
    this.#hasError ||= severity === 'error'
    const key = `${code} ${severity}`
    const counts = this.#byCode.get(key)
    if (counts === undefined) this.#byCode.set(key, { code, severity, count: 1, firstRow: row })
    else counts.count += 1
    const isKept = this.#first.length < PROBLEMS_MAX
    if (!isKept && this.#onProblem === null) return
    const cut = {
      ...problem, cell, recordId: recordId === null ? null : clip(recordId), value: value === null ? null : clip(value)
    }
    if (isKept) this.#first.push(cut)
    this.#onProblem?.(cut)
  }

  has (code: CheckCode, severity: Severity): boolean {
    return this.#byCode.has(`${code} ${severity}`)
  }

  summary (): Pick<UsageCheck, 'valid' | 'problems' | 'byCode' | 'truncated'> {
    return {
      valid: !this.#hasError,
      problems: this.#first,
      byCode: [...this.#byCode.values()],
      truncated: this.#count > this.#first.length
    }
  }
}

/** Gives a text with at most 200 characters: a longer text is cut, and ends with `…`. */
export function clip (text: string): string {
  return text.length > VALUE_CHARS ? `${text.slice(0, VALUE_CHARS - 1)}…` : text
}
