import { cellText, clip, lengthOf } from './cell-text.ts'
import type { SheetRow } from './read-sheets.ts'
import { readHeader } from './records-header.ts'
import type { Category } from './types.ts'
import type { SheetToWrite } from './write-sheets.ts'

/** The most characters of the name of a category, and of its description. */
const LONGEST = 255

/** Gives the categories, or a fault and no categories. Of several with the same id the first counts. */
export function readCategories (sheet: readonly SheetRow[]): { categories: Category[], fault: string | null } {
  if (sheet.length === 0) return { categories: [], fault: null }
  const { columns, rows, fault } = readHeader(sheet, ['category_id'], false)
  if (fault !== null) return { categories: [], fault: `Sheet categories: ${fault}` }
  const categories = new Map<string, Category>()
  for (const { values } of rows) {
    const text = (column: string): string | null => cellText(values[columns.get(column) ?? -1])
    const id = text('category_id')
    if (id === null || categories.has(id)) continue
    const category = { id, name: text('category_name') ?? id, description: text('category_description') }
    const isTooLong = lengthOf(category.name) > LONGEST || lengthOf(category.description ?? '') > LONGEST
    if (isTooLong) return { categories: [], fault: `Sheet categories: ${clip(id, 60)} has more than 255 characters.` }
    categories.set(id, category)
  }
  return { categories: [...categories.values()], fault: null }
}

export function categoriesSheet (categories: readonly Category[]): SheetToWrite {
  return {
    name: 'categories',
    rows: [
      ['category_id', 'category_name', 'category_description'],
      ...categories.map(({ id, name, description }) => [id, name, description])
    ]
  }
}
