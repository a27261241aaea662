import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { anyOfIds, querystring } from './paging.ts'
import { chunkId, fileId, reconciliationId } from './patterns.ts'

export const EventsQuery = querystring({
  fileId: anyOfIds('The usage files to watch.', fileId),
  chunkId: anyOfIds('The chunks to watch.', chunkId),
  reconciliationId: anyOfIds('The reconciliations to watch.', reconciliationId)
})

const EXAMPLE = `retry: 2718

event: usage-file
data: {"id":"UF-2026-09-1512-0016","status":"processing","previousStatus":null,"at":"2026-11-02T09:15:00.000Z"}

event: usage-file
data: {"id":"UF-2026-09-1512-0016","status":"ready","previousStatus":"processing","at":"2026-11-02T09:15:08.200Z"}

`

export const EventsResponse = {
  description:
    'A stream that does not end by itself. The data of an event is `{ id, status, previousStatus, at }`; `status` is ' +
    'null when Connect does not know the object.',
  content: {
    'text/event-stream': {
      schema: Type.Unsafe<Readable | undefined>({ type: 'string', description: 'Server-sent events.' }),
      example: EXAMPLE
    }
  }
}
