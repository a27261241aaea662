import { readFile } from 'node:fs/promises'

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
export const FALLBALL = { productId: 'PRD-276-377-545', contractId: 'CRD-10000-20000-30000' }
export const UNKNOWN_FILE = 'UF-2026-01-0000-0000'

/** Reads a sample workbook of `sandbox/samples`; `name` is that of the file without `.xlsx`. */
export const sample = async (name: string): Promise<Buffer> => await readFile(`sandbox/samples/${name}.xlsx`)
