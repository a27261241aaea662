import { count } from '../format.ts'

interface PagerProps {
  total: number
  limit: number
  offset: number
  onMove: (offset: number) => void
}

/** Which rows of how many are shown, and the ways to the other pages. */
export function Pager ({ total, limit, offset, onMove }: PagerProps) {
  if (total === 0) return null
  const last = Math.floor((total - 1) / limit) * limit
  return (
    <nav class='pages' aria-label='Pages'>
      <span class='muted'>{count(offset + 1)} to {count(Math.min(offset + limit, total))} of {count(total)}</span>
      <span class='buttons'>
        <button type='button' class='slim' disabled={offset === 0} onClick={() => { onMove(0) }}>First</button>
        <button
          type='button' class='slim' disabled={offset === 0} onClick={() => { onMove(Math.max(0, offset - limit)) }}
        >Previous
        </button>
        <button
          type='button' class='slim' disabled={offset >= last} onClick={() => { onMove(offset + limit) }}
        >Next
        </button>
        <button type='button' class='slim' disabled={offset >= last} onClick={() => { onMove(last) }}>Last</button>
      </span>
    </nav>
  )
}
