export type Line = Record<string, unknown>

export const linesOf = (logs: readonly Line[]): Line[] => logs.filter(line => line['audit'] === true)
export const RECORD = 'UR-2026-11-0000-0001-0001'
