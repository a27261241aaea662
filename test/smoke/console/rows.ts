const COLUMNS = [
  'record_id', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc', 'asset_search_value', 'amount'
]

/**
 * Gives a header and `count` rows of usage in October for the product PRD-276-377-545 of the sandbox, each as its
 * cells.
 */
export function usageRows (count: number): string[][] {
  return [COLUMNS, ...Array.from({ length: count }, (_, n) => {
    const day = `2026-10-${String(n % 28 + 1).padStart(2, '0')}`
    const asset = `AS-5501-1000-000${n % 4 + 1}`
    return [`R${n + 1}`, 'FB-VM-HOURS', `${n % 24}.5`, `${day} 00:00:00`, `${day} 23:59:59`, asset, `${n % 9 + 1}.25`]
  })]
}

export function csvOf (rows: readonly string[][]): string {
  return rows.map(row => row.join(',')).join('\r\n')
}

/** Gives a copy of the rows with three mistakes: in rows 103, 706 and 1201, counted with the header as row 1. */
export function withMistakes (rows: readonly string[][]): string[][] {
  const wrong = rows.map(row => [...row])
  wrong[102]![2] = 'six'
  wrong[705]![2] = '-9.5'
  wrong[1200]![3] = '2026-10-32 00:00:00'
  return wrong
}
