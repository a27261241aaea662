import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { Readable } from 'node:stream'
import { CSV, NDJSON, XLSX } from '../src/media-types.ts'
import { DECIMAL_PATTERN, counter, nullable, text, words } from './common.ts'
import type { Sample } from './problem.ts'
import { ok } from './responses.ts'

export const CHECK_CODES = [
  'COLUMN_MISSING', 'COLUMN_UNKNOWN', 'VALUE_MISSING', 'VALUE_INVALID', 'TIME_INVALID', 'PERIOD_OUTSIDE',
  'PERIOD_REVERSED', 'QUANTITY_NEGATIVE', 'PRECISION_EXCEEDED', 'DUPLICATE_RECORD_ID', 'ITEM_UNKNOWN', 'ASSET_UNKNOWN',
  'CATEGORY_UNKNOWN', 'TIER_INVALID', 'AMOUNT_MISSING', 'TEXT_TOO_LONG', 'CHARACTER_FORBIDDEN', 'RECORD_UNKNOWN',
  'VALUE_CHANGED'
] as const
export type CheckCode = typeof CHECK_CODES[number]
export const SEVERITIES = ['error', 'warning'] as const
export type Severity = typeof SEVERITIES[number]
export const CHECK_NAMES = ['structure', 'values', 'items', 'assets', 'categories'] as const
/** The most problems in the JSON answer of a check. */
export const PROBLEMS_MAX = 1_000

const code = words('UsageCheckCode', 'What is wrong in rows of usage.', CHECK_CODES, { description: 'What is wrong.' })
const severity = words(
  'UsageCheckSeverity', '`error` is refused by Connect. `warning` may be refused, or is no fault at all.', SEVERITIES,
  { description: '`error`: Connect refuses it. `warning`: it is not known that Connect does.' }
)
const exact = (description: string) =>
  Type.String({ description: `${description} An exact decimal.`, pattern: DECIMAL_PATTERN, examples: ['1204.50'] })

export const UsageProblem = Type.Object(
  {
    row: nullable(
      Type.Integer({ minimum: 1, description: 'The row as a spreadsheet counts: the header is row 1, also in JSON.' })
    ),
    column: text('The name of the column; null for the whole row.'),
    cell: text('The cell, for example `D7`; null in NDJSON and JSON, which have no cells.'),
    recordId: text('The `record_id` of the row.'),
    code,
    severity,
    message: Type.String({ description: 'What is wrong, for people.' }),
    value: text('The value as it came, at most 200 characters of it.')
  },
  { title: 'UsageProblem', additionalProperties: false, description: 'One thing that is wrong in rows of usage.' }
)
export type UsageProblem = Static<typeof UsageProblem>

const ITEM_TOTAL = Type.Object(
  {
    item: Type.String({ description: 'The `item_search_value`.' }),
    quantity: exact('The sum of the quantities.'),
    rows: counter('Rows of the item.')
  },
  { title: 'UsageItemTotal', additionalProperties: false, description: 'The rows of one item.' }
)

const BY_CODE = Type.Object(
  {
    code,
    severity,
    count: counter('How often.'),
    firstRow: nullable(Type.Integer({ minimum: 1, description: 'The first row that has it.' }))
  },
  { title: 'UsageCheckCount', additionalProperties: false, description: 'How often one thing is wrong.' }
)

const CHECK = Type.Object(
  {
    name: words('UsageCheckName', 'A part of the check.', CHECK_NAMES, { description: 'What was looked at.' }),
    status: words('UsageCheckStatus', 'Whether a part of the check was made.', ['done', 'skipped'], {
      description: '`done`: all rows were checked. `skipped`: some or all were not.'
    }),
    reason: text('Why it was skipped, or was not made for all rows.')
  },
  { title: 'UsageCheckPart', additionalProperties: false, description: 'A part of the check.' }
)

export const USAGE_CHECK_EXAMPLE = {
  valid: false,
  rows: { total: 2, valid: 1, invalid: 1 },
  totals: { amount: '12.50', quantityByItem: [{ item: 'VM-SMALL', quantity: '7.5', rows: 1 }] },
  problems: [
    {
      row: 3,
      column: 'quantity',
      cell: 'E3',
      recordId: 'r-2',
      code: 'VALUE_INVALID',
      severity: 'error',
      message: 'quantity must be a number.',
      value: 'many'
    }
  ],
  byCode: [{ code: 'VALUE_INVALID', severity: 'error', count: 1, firstRow: 3 }],
  truncated: false,
  checks: [
    { name: 'structure', status: 'done', reason: null },
    { name: 'values', status: 'done', reason: null },
    { name: 'items', status: 'done', reason: null },
    { name: 'assets', status: 'skipped', reason: 'Subscriptions are looked up only with ?assets=true.' },
    { name: 'categories', status: 'done', reason: null }
  ]
}

export const UsageCheck = Type.Object(
  {
    valid: Type.Boolean({ description: 'Whether there is no problem of severity `error`.' }),
    rows: Type.Object(
      {
        total: counter('Rows below the header.'),
        valid: counter('Rows without an `error`.'),
        invalid: counter('Rows with at least one `error`, or all rows when a column is missing or unknown.')
      },
      { title: 'UsageCheckRows', additionalProperties: false, description: 'How many rows there are.' }
    ),
    totals: Type.Object(
      {
        amount: nullable(exact('The sum of the amounts; null in the schema `qt`.')),
        quantityByItem: Type.Array(ITEM_TOTAL, {
          description: 'The quantities by item, in the order of the rows: the first 10,000 items.'
        })
      },
      { title: 'UsageCheckTotals', additionalProperties: false, description: 'Sums to compare with your own.' }
    ),
    problems: Type.Array(UsageProblem, {
      description: `The first ${PROBLEMS_MAX} problems. All of them come with Accept: application/x-ndjson or text/csv.`
    }),
    byCode: Type.Array(BY_CODE, { description: 'How often each thing is wrong, over all rows.' }),
    truncated: Type.Boolean({ description: 'Whether there are more problems than `problems` holds.' }),
    checks: Type.Array(CHECK, { description: 'What was looked at, and what was not.' })
  },
  {
    $id: 'UsageCheck',
    additionalProperties: false,
    description: 'What is right and wrong in rows of usage.',
    examples: [USAGE_CHECK_EXAMPLE]
  }
)
export type UsageCheck = Static<typeof UsageCheck>
export const UsageCheckRef = Type.Unsafe<UsageCheck>(Type.Ref('UsageCheck'))

const stream = (description: string) => ({ schema: Type.Unsafe<Readable>({ type: 'string', description }) })

export const okCheck = (() => {
  const { content, ...answer } = ok(UsageCheckRef, 'What is right and wrong in the rows.', USAGE_CHECK_EXAMPLE)
  return {
    ...answer,
    content: {
      ...content,
      [CSV]: stream('All problems, with the names of the columns in the first line.'),
      [NDJSON]: {
        ...stream('All problems, one a line; then `{ "summary": { … } }` with the check without its problems.')
      },
      [XLSX]: {
        schema: Type.Unsafe<Readable>({
          type: 'string',
          format: 'binary',
          description:
            'The rows, and the categories, as a workbook. Each cell with a problem has a red border and a comment.'
        }),
        example: 'bytes of the workbook'
      }
    }
  }
})()

/** The example of a 422 response in the OpenAPI document, for the operations that check rows before they use them. */
export const ROWS_INVALID: Readonly<Record<number, Sample>> = {
  422: {
    description: 'The rows have errors, which `check` tells, or the file is not a workbook.',
    code: 'ROWS_INVALID',
    detail: 'The rows have errors: 1 of 2. No row was sent to Connect.',
    more: { check: USAGE_CHECK_EXAMPLE }
  }
}
