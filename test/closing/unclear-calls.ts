import { garbage, reset, response, timeout } from '../usage/failures.ts'
import { idOf, throttled } from './fixture.ts'
import { UNANSWERED, type UnclearCase } from './unclear-rows.ts'

/** The calls themselves end without a clear answer: refused, throttled, silent or failed. */
export const UNCLEAR_CALLS: Readonly<Record<string, UnclearCase>> = {
  'another record in its place': {
    prepare: c => {
      c.script = () => []
      c.onRead = () => ({ id: idOf(9), status: 'closed', external_billing_id: 'INV-1' })
    },
    outcome: { outcome: 'unknown', code: 'OUTCOME_UNKNOWN' },
    sends: 1
  },
  'a status that is no text': {
    prepare: c => {
      c.script = () => [{ id: idOf(0), status: 4 }]
      c.onRead = id => ({ id, status: 4 })
    },
    outcome: {
      outcome: 'unknown',
      code: 'OUTCOME_UNKNOWN',
      message: 'Connect gave no clear answer. The record does not show whether it is closed.'
    },
    sends: 1
  },
  'refused, and a status that is hidden': {
    prepare: c => {
      c.script = () => [{ id: idOf(0), error_details: 'Not so.' }]
      c.onRead = id => ({ id })
    },
    outcome: { outcome: 'unknown', code: 'OUTCOME_UNKNOWN' },
    sends: 1
  },
  'a status with white space': {
    prepare: c => {
      c.script = () => [{ id: idOf(0), status: 'Closed ' }]
    },
    outcome: { outcome: 'closed' },
    sends: 1
  },
  'throttled at the second call': {
    prepare: c => {
      c.script = (_batch, call) => {
        if (call === 1) return []
        throw throttled(900)
      }
    },
    outcome: { outcome: 'unknown', code: 'OUTCOME_UNKNOWN' },
    sends: 2
  },
  'throttled at the second call, for less time than is waited for': {
    prepare: c => {
      c.script = (_batch, call) => {
        if (call === 1) return []
        throw throttled(0)
      }
    },
    outcome: {
      outcome: 'refused',
      code: 'UPSTREAM_THROTTLED',
      message: 'Connect left the record open, and is throttling further calls.'
    },
    sends: 9
  },
  'credential refused': {
    prepare: c => {
      c.script = () => {
        throw response(401)
      }
    },
    outcome: { outcome: 'refused', code: 'UPSTREAM_CREDENTIAL' },
    sends: 1
  },
  'closed after a 401': {
    prepare: c => {
      c.script = batch => {
        c.close(batch)
        throw response(401)
      }
    },
    outcome: { outcome: 'closed' },
    sends: 1
  },
  'closed with another id after a 403': {
    prepare: c => {
      c.closed.set(idOf(0), 'OTHER')
      c.script = () => {
        throw response(403)
      }
    },
    outcome: { outcome: 'refused', code: 'BILLING_CONFLICT' },
    sends: 1
  },
  'closed after a 500': {
    prepare: c => {
      c.script = batch => {
        c.close(batch)
        throw response(500)
      }
    },
    outcome: { outcome: 'closed' },
    sends: 1
  },
  'open after two 500': {
    prepare: c => {
      c.script = () => {
        throw response(500)
      }
    },
    outcome: { outcome: 'refused', code: 'NOT_CLOSED' },
    sends: 2
  },
  'open after two silences': {
    prepare: c => {
      c.script = () => {
        throw timeout()
      }
    },
    outcome: UNANSWERED,
    sends: 2
  },
  'open after a silence and an empty answer': {
    prepare: c => {
      c.script = (_batch, call) => {
        if (call === 1) throw reset()
        return []
      }
    },
    outcome: UNANSWERED,
    sends: 2
  },
  'open after an empty answer and a silence': {
    prepare: c => {
      c.script = (_batch, call) => {
        if (call === 1) return []
        throw timeout()
      }
    },
    outcome: UNANSWERED,
    sends: 2
  },
  'open after a silence and a 500': {
    prepare: c => {
      c.script = (_batch, call) => {
        throw call === 1 ? timeout() : response(500)
      }
    },
    outcome: UNANSWERED,
    sends: 2
  },
  'open after a gateway gave up twice': {
    prepare: c => {
      c.script = () => {
        throw response(504)
      }
    },
    outcome: UNANSWERED,
    sends: 2
  },
  'throttled after a silence': {
    prepare: c => {
      c.script = (_batch, call) => {
        throw call === 1 ? timeout() : throttled(900)
      }
    },
    outcome: { outcome: 'unknown', code: 'OUTCOME_UNKNOWN' },
    sends: 2
  },
  'credential refused after a silence': {
    prepare: c => {
      c.script = (_batch, call) => {
        throw response(call === 1 ? 504 : 401)
      }
    },
    outcome: UNANSWERED,
    sends: 2
  },
  'refused with a word after a silence': {
    prepare: c => {
      c.script = (batch, call) => {
        if (call === 1) throw timeout()
        return batch.map(({ id }) => ({ id, error_details: 'Not now.' }))
      }
    },
    outcome: UNANSWERED,
    sends: 2
  },
  'closed by the second call after a silence': {
    prepare: c => {
      c.script = (batch, call) => {
        if (call === 1) throw timeout()
        return c.close(batch)
      }
    },
    outcome: { outcome: 'closed' },
    sends: 2
  },
  'closed with another id, after a silence': {
    prepare: c => {
      c.script = batch => {
        c.closed.set(batch[0]!.id as string, 'OTHER')
        throw timeout()
      }
    },
    outcome: { outcome: 'refused', code: 'BILLING_CONFLICT' },
    sends: 1
  },
  'garbage, but done': {
    prepare: c => {
      c.script = batch => {
        c.close(batch)
        throw garbage()
      }
    },
    outcome: { outcome: 'closed' },
    sends: 1
  }
}
