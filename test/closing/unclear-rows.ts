import { reset, response, timeout } from '../usage/failures.ts'
import { FakeConnect, idOf } from './fixture.ts'

/** How Connect answers a batch with one record, the outcome of the record, and how often the batch is sent. */
export interface UnclearCase {
  prepare: (connect: FakeConnect) => void
  outcome: object
  sends: number
}

export const UNANSWERED = {
  outcome: 'unknown',
  code: 'OUTCOME_UNKNOWN',
  message: 'A call with the record had no answer; it was open since, and may be closed yet.'
}

/** Connect answers with a row that leaves the outcome open, or with none for the record. */
export const UNCLEAR_ROWS: Readonly<Record<string, UnclearCase>> = {
  'closed with our id': {
    prepare: c => {
      c.script = batch => {
        c.close(batch)
        return []
      }
    },
    outcome: { outcome: 'closed' },
    sends: 1
  },
  'closed before, with our id': {
    prepare: c => {
      c.closed.set(idOf(0), 'INV-1')
    },
    outcome: { outcome: 'closed', already: true },
    sends: 1
  },
  'a row with our id': {
    prepare: c => {
      c.script = batch => c.close(batch).map(row => ({ ...row, external_billing_id: 'INV-1' }))
    },
    outcome: { outcome: 'closed', already: undefined },
    sends: 1
  },
  'a row with another id, and the record has it': {
    prepare: c => {
      c.closed.set(idOf(0), 'OTHER')
      c.script = () => [{ id: idOf(0), status: 'closed', external_billing_id: 'OTHER' }]
    },
    outcome: {
      outcome: 'refused',
      code: 'BILLING_CONFLICT',
      message: 'The record is closed with the billing id OTHER.'
    },
    sends: 1
  },
  'a row with another id, and the record has ours': {
    prepare: c => {
      c.script = batch => c.close(batch).map(row => ({ ...row, external_billing_id: 'OTHER' }))
    },
    outcome: { outcome: 'closed', already: undefined },
    sends: 1
  },
  'a row with another id, and no record to be read': {
    prepare: c => {
      c.script = () => [{ id: idOf(0), status: 'closed', external_billing_id: 'OTHER' }]
      c.onRead = () => {
        throw timeout()
      }
    },
    outcome: {
      outcome: 'refused',
      code: 'BILLING_CONFLICT',
      message: 'The record is closed with the billing id OTHER.'
    },
    sends: 1
  },
  'a row with an empty id, and the record has ours': {
    prepare: c => {
      c.script = batch => c.close(batch).map(row => ({ ...row, external_billing_id: '' }))
    },
    outcome: { outcome: 'closed' },
    sends: 1
  },
  'a row with an empty id, and so has the record': {
    prepare: c => {
      c.closed.set(idOf(0), '')
      c.script = () => [{ id: idOf(0), status: 'closed', external_billing_id: null }]
    },
    outcome: {
      outcome: 'unknown',
      code: 'OUTCOME_UNKNOWN',
      message: 'The record is closed without a billing id, and Connect did not say that it refused this one.'
    },
    sends: 1
  },
  'lost, and closed without an id': {
    prepare: c => {
      c.script = batch => {
        c.closed.set(batch[0]!.id as string, '')
        throw timeout()
      }
    },
    outcome: { outcome: 'unknown', code: 'OUTCOME_UNKNOWN' },
    sends: 1
  },
  'refused at a second call, since the first did it': {
    prepare: c => {
      c.script = (batch, call) => {
        if (call === 1) throw response(500)
        return c.close(batch)
      }
      let reads = 0
      c.onRead = id => {
        if (reads++ > 0) return undefined
        const open = c.record(id)
        c.closed.set(id, 'INV-1')
        return open
      }
    },
    outcome: { outcome: 'closed', already: undefined },
    sends: 2
  },
  'closed with another id': {
    prepare: c => {
      c.closed.set(idOf(0), 'OTHER')
    },
    outcome: {
      outcome: 'refused',
      code: 'BILLING_CONFLICT',
      message: 'The record is closed with the billing id OTHER.'
    },
    sends: 1
  },
  'closed without an id': {
    prepare: c => {
      c.closed.set(idOf(0), '')
    },
    outcome: { outcome: 'refused', code: 'BILLING_CONFLICT', message: 'The record is closed without a billing id.' },
    sends: 1
  },
  'closed with a number for an id': {
    prepare: c => {
      c.script = () => []
      c.onRead = id => ({ id, status: 'closed', external_billing_id: 5 })
    },
    outcome: { outcome: 'refused', code: 'BILLING_CONFLICT' },
    sends: 1
  },
  'refused with a word': {
    prepare: c => {
      c.script = batch => batch.map(({ id }) => ({ id, error_details: 'Not now.' }))
    },
    outcome: { outcome: 'refused', code: 'CONNECT_REJECTED', message: 'Not now.' },
    sends: 1
  },
  'refused as a call': {
    prepare: c => {
      c.script = () => {
        throw response(400, 'Not so.')
      }
    },
    outcome: { outcome: 'refused', code: 'CONNECT_REJECTED', message: 'Not so.' },
    sends: 1
  },
  'open after a second call': {
    prepare: c => {
      c.script = () => []
    },
    outcome: { outcome: 'refused', code: 'NOT_CLOSED', message: 'Connect left the record open, twice.' },
    sends: 2
  },
  'closed by a second call': {
    prepare: c => {
      c.script = (batch, call) => (call === 1 ? [] : c.close(batch))
    },
    outcome: { outcome: 'closed' },
    sends: 2
  },
  'a second call lost, but done': {
    prepare: c => {
      c.script = (batch, call) => {
        if (call === 2) c.close(batch)
        throw timeout()
      }
    },
    outcome: { outcome: 'closed' },
    sends: 2
  },
  'closed, but not found': {
    prepare: c => {
      c.script = batch => {
        c.close(batch)
        throw response(500)
      }
      c.onRead = () => {
        throw response(404)
      }
    },
    outcome: { outcome: 'unknown', code: 'OUTCOME_UNKNOWN' },
    sends: 1
  },
  'refused with a word, and not found': {
    prepare: c => {
      c.script = batch => batch.map(({ id }) => ({ id, error_details: 'Not found.' }))
      c.onRead = () => {
        throw response(404)
      }
    },
    outcome: { outcome: 'refused', code: 'NOT_FOUND', message: 'Not found.' },
    sends: 1
  },
  unreadable: {
    prepare: c => {
      c.script = () => {
        throw reset()
      }
      c.onRead = () => {
        throw timeout()
      }
    },
    outcome: { outcome: 'unknown', code: 'OUTCOME_UNKNOWN' },
    sends: 1
  },
  'forbidden to read': {
    prepare: c => {
      c.script = () => []
      c.onRead = () => {
        throw response(403)
      }
    },
    outcome: { outcome: 'unknown', code: 'OUTCOME_UNKNOWN' },
    sends: 1
  }
}
