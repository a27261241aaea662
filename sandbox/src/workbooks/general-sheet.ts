import { cellText } from './cell-text.ts'
import type { SheetRow } from './read-sheets.ts'
import type { General } from './types.ts'
import type { SheetToWrite } from './write-sheets.ts'

export function generalSheet (general: General): SheetToWrite {
  return { name: 'general', rows: [['attribute_id', 'attribute_value'], ...general] }
}

/** Reads the rows of a `general` sheet. Gives its attributes by name, without blank ones. */
export function readGeneral (rows: readonly SheetRow[]): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const { values } of rows) {
    const id = cellText(values[0])?.trim()
    const value = cellText(values[1])
    if (id !== undefined && value !== null) attributes.set(id, value)
  }
  return attributes
}

export function instructionsSheet (lines: readonly string[]): SheetToWrite {
  return { name: 'instructions', rows: lines.map(line => [line]) }
}
