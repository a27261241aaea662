import { decoded } from '../streaming/decoded-text.ts'
import { JsonLists, MalformedJson, TooLongValue } from '../streaming/json-lists.ts'
import { readObject, type Member } from './row-object.ts'
import {
  CATEGORIES_MAX, COLUMNS_MAX, noTable, overLimit, quote, requireName, ROW_CHARS_MAX, RowCells,
  type Cells, type Table, type TableRow, type TypeOfColumn
} from './table.ts'

const EMPTY_LINE = /^\s*$/

/**
 * Reads NDJSON in UTF-8: one row a line, as an object of strings, numbers and null. Lines `{ "category": { … } }` may
 * come before the first row. All errors are thrown when the rows are read: 413 over a limit, and 400 for any other
 * fault, such as a number in a column whose type (`typeOf`) is not `number`. Empty lines are skipped.
 */
export function readNdjson (source: AsyncIterable<Buffer>, typeOf: TypeOfColumn): Table {
  const rows = new JsonRows(typeOf)
  return rows.table((async function * () {
    let rest = ''
    let line = 0
    const take = (text: string): void => {
      line += 1
      if (text.length > ROW_CHARS_MAX) throw overLimit(`Line ${line} has more than ${ROW_CHARS_MAX} characters.`)
      if (!EMPTY_LINE.test(text)) rows.takeLine(text, `Line ${line}`)
    }
    for await (const piece of decoded(source)) {
      const text = rest + piece
      let at = 0
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', at)) {
        take(text.slice(at, end))
        at = end + 1
      }
      rest = text.slice(at)
      if (rest.length > ROW_CHARS_MAX) throw overLimit(`Line ${line + 1} has more than ${ROW_CHARS_MAX} characters.`)
      yield rows.takeBatch()
    }
    take(rest)
    yield rows.takeBatch()
  })())
}

/**
 * Reads `{ "rows": [ … ], "categories": [ … ] }`. The two may come in any order, and `categories` may be absent. A
 * member with the name `otherMember` is skipped. All errors are thrown when the rows are read: 413 over a limit, and
 * 400 for any other text.
 */
export function readJson (source: AsyncIterable<Buffer>, typeOf: TypeOfColumn, otherMember?: string): Table {
  const rows = new JsonRows(typeOf)
  return rows.table((async function * () {
    let hasRows = false
    const counts = { rows: 0, categories: 0 }
    const lists = new JsonLists({
      lists: ['rows', 'categories'],
      maxValueChars: ROW_CHARS_MAX,
      onElement: (text, list) => {
        const place = `${list}[${counts[list as keyof typeof counts]++}]`
        if (list === 'rows') rows.takeRow(text, place)
        else rows.takeCategory(readMembers(text, place), place)
      },
      onMember: (name) => {
        if (name === 'rows') hasRows = true
        else if (name !== 'categories' && name !== otherMember) {
          throw noTable(`${quote(name)} is not known here. Send rows and categories.`)
        }
      }
    })
    try {
      for await (const piece of decoded(source)) {
        lists.push(piece)
        yield rows.takeBatch()
      }
      lists.finish()
    } catch (error) {
      throw tableError(error)
    }
    for (const [name, value] of lists.members) {
      if (value !== undefined && name !== otherMember) throw noTable(`${quote(name)} must be a list.`)
    }
    if (!hasRows) throw noTable('The member "rows" is missing.')
  })())
}

/** Gives 413 for TooLongValue, 400 for every other MalformedJson, and any other error unchanged. */
export function tableError (error: unknown): unknown {
  if (error instanceof TooLongValue) return overLimit(`A row has more than ${ROW_CHARS_MAX} characters.`)
  return error instanceof MalformedJson ? noTable(`The body is not well-formed JSON: ${error.message}.`) : error
}

/**
 * Collects the rows and categories of a table. In error messages `place` names the row or category, such as `Line 3`.
 */
class JsonRows {
  readonly #typeOf: TypeOfColumn
  readonly #columns = new Set<string>()
  readonly #categories: Cells[] = []
  #batch: TableRow[] = []
  #row = 1

  constructor (typeOf: TypeOfColumn) {
    this.#typeOf = typeOf
  }

  table (rows: AsyncIterable<readonly TableRow[]>): Table {
    const columns = this.#columns
    return { get columns () { return [...columns] }, rows, categories: () => this.#categories }
  }

  takeBatch (): TableRow[] {
    const batch = this.#batch
    this.#batch = []
    return batch
  }

  takeLine (text: string, place: string): void {
    const members = readMembers(text, place)
    const category = members.size === 1 ? members.get('category') : undefined
    if (category?.kind !== 'object') return this.#addRow(members, place)
    if (this.#row > 1) throw noTable(`${place}: a category must stand before the first row.`)
    this.takeCategory(category.members, place)
  }

  takeRow (text: string, place: string): void {
    this.#addRow(readMembers(text, place), place)
  }

  takeCategory (members: ReadonlyMap<string, Member>, place: string): void {
    if (this.#categories.length >= CATEGORIES_MAX) throw overLimit(`There are more than ${CATEGORIES_MAX} categories.`)
    const row = new RowCells(1)
    for (const [name, member] of members) {
      requireName(name)
      if (member.kind === 'string') row.add(name, member.text)
      else if (member.kind !== 'null') throw noTable(`${place}: ${quote(name)} must be a string.`)
    }
    this.#categories.push(row.cells)
  }

  #addRow (members: ReadonlyMap<string, Member>, place: string): void {
    this.#row += 1
    const row = new RowCells(this.#row)
    for (const [name, member] of members) {
      this.#addColumn(name)
      if (member.kind === 'null') continue
      if (member.kind === 'object') throw noTable(`${place}: ${quote(name)} must be a string.`)
      if (member.kind === 'number' && this.#typeOf(name) !== 'number') {
        throw noTable(`${place}: ${quote(name)} is no column of numbers. Send its value as a string.`)
      }
      row.add(name, member.text)
    }
    this.#batch.push({ number: this.#row, cells: row.cells })
  }

  #addColumn (name: string): void {
    if (this.#columns.has(name)) return
    requireName(name)
    if (name === '') throw noTable('A column has no name.')
    if (this.#columns.size >= COLUMNS_MAX) throw overLimit(`The table has more than ${COLUMNS_MAX} columns.`)
    this.#columns.add(name)
  }
}

function readMembers (text: string, place: string): Map<string, Member> {
  try {
    return readObject(text)
  } catch (error) {
    throw error instanceof MalformedJson ? noTable(`${place} is no row: ${error.message}.`) : error
  }
}
