import { DECIMAL_PATTERN } from '../../schemas/common.ts'
import type { Cells, ColumnType, TableRow, TypeOfColumn } from './table.ts'
import { writeCsv, type CsvOptions } from './write-text.ts'

interface ObjectSchema {
  readonly type?: unknown
  readonly pattern?: unknown
  readonly properties?: Readonly<Record<string, ObjectSchema>>
  readonly required?: readonly string[]
}

export interface ItemColumns {
  readonly names: readonly string[]
  readonly typeOf: TypeOfColumn
  /** Gives the cells of an item by column name. A value that is null, absent or an empty text has no cell. */
  readonly cellsOf: (item: object) => Cells
}

/**
 * Gives a column for each required value of an item, such as `item.mpn` for a value inside an object. A list is one
 * column, with its JSON. Optional properties have no column, because only some items have them.
 */
export function itemColumns (schema: ObjectSchema): ItemColumns {
  const columns = columnsIn(schema, [])
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  return {
    names: columns.map(({ name }) => name),
    typeOf: name => types.get(name) ?? 'text',
    cellsOf: item => {
      const cells: Record<string, string> = {}
      for (const { name, path } of columns) {
        const text = textOf(valueAt(item, path))
        if (text !== '') cells[name] = text
      }
      return cells
    }
  }
}

interface ItemColumn { name: string, path: readonly string[], type: ColumnType }

function columnsIn ({ properties = {}, required = [] }: ObjectSchema, before: readonly string[]): ItemColumn[] {
  return Object.entries(properties).filter(([name]) => required.includes(name)).flatMap(([name, schema]) => {
    const path = [...before, name]
    if (schema.properties !== undefined) return columnsIn(schema, path)
    return [{ name: path.join('.'), path, type: isNumber(schema) ? 'number' : 'text' }]
  })
}

/** Whether the values are numbers. A decimal number has the type `string`, with the pattern DECIMAL_PATTERN. */
function isNumber ({ type, pattern }: ObjectSchema): boolean {
  return pattern === DECIMAL_PATTERN || [type].flat().some(one => one === 'integer' || one === 'number')
}

function valueAt (item: object, path: readonly string[]): unknown {
  let value: unknown = item
  for (const name of path) value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name]
  return value
}

function textOf (value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const BATCH_ROWS = 100

export function itemsAsCsv (
  batches: AsyncIterable<readonly object[]>, schema: ObjectSchema, options: Pick<CsvOptions, 'isEscaped' | 'hasBom'>
): AsyncIterable<Buffer> {
  const { names, typeOf, cellsOf } = itemColumns(schema)
  const rows = (async function * () {
    let number = 1
    for await (const items of batches) {
      // Small batches become garbage before V8 moves them to the part of its heap for old objects.
      for (let at = 0; at < items.length; at += BATCH_ROWS) {
        const batch = items.slice(at, at + BATCH_ROWS)
        yield batch.map((item): TableRow => ({ number: (number += 1), cells: cellsOf(item) }))
      }
    }
  })()
  return writeCsv({ columns: names, rows, categories: () => [] }, { ...options, typeOf })
}
