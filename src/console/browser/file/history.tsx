import type { UsageFile } from '@connect-usage-bff/client'
import { moment, words } from '../format.ts'

export function History ({ file: { events, acceptanceNote, rejectionNote } }: { file: UsageFile }) {
  const notes: Readonly<Record<string, string | null>> = { accepted: acceptanceNote, rejected: rejectionNote }
  return (
    <section class='card'>
      <h2>History</h2>
      {events.length === 0 && <p class='muted'>Connect tells no events of this file.</p>}
      <ol class='history'>
        {events.toReversed().map(({ type, at, by }) => (
          <li key={`${type} ${at}`}>
            <b>{words(type)}</b>{' '}
            <span class='muted'>{moment(at)} UTC{by !== null && `, by ${by.name ?? by.id ?? ''}`}</span>
            {notes[type] != null && <p>{notes[type]}</p>}
          </li>
        ))}
      </ol>
    </section>
  )
}
