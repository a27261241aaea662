import { count } from '../format.ts'

interface PagerProps {
  total: number
  limit: number
  offset: number
  onMove: (offset: number) => void
}

export function Pager ({ total, limit, offset, onMove }: PagerProps) {
  if (total === 0) return null
  const last = Math.floor((total - 1) / limit) * limit
  // A button that cannot be used now is not disabled for the browser, so that it does not lose the focus.
  const button = (label: string, to: number, isOff: boolean) => (
    <button type='button' class='slim' aria-disabled={isOff} onClick={() => { if (!isOff) onMove(to) }}>{label}</button>
  )
  return (
    <nav class='pages' aria-label='Pages'>
      <span class='muted' role='status'>
        {count(offset + 1)} to {count(Math.min(offset + limit, total))} of {count(total)}
      </span>
      <span class='buttons'>
        {button('First', 0, offset === 0)}
        {button('Previous', Math.max(0, offset - limit), offset === 0)}
        {button('Next', offset + limit, offset >= last)}
        {button('Last', last, offset >= last)}
      </span>
    </nav>
  )
}
