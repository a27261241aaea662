import { words } from '../format.ts'

const TONES: Readonly<Record<string, string>> = {
  uploading: 'busy', uploaded: 'busy', processing: 'busy', invalid: 'bad', rejected: 'bad', failed: 'bad',
  ready: 'info', pending: 'warn', accepted: 'good', closed: 'good', valid: 'info', approved: 'good', processed: 'good'
}

/** Shows a status as a word, `Unknown` for null. Its colour only repeats the meaning of the word. */
export function Chip ({ status }: { status: string | null }) {
  return <span class={`chip ${TONES[status ?? ''] ?? ''}`}>{status === null ? 'Unknown' : words(status)}</span>
}
