import t from 'tap'
import { closeRecords } from '../../src/closing/close-records.ts'
import { CloseProgress } from '../../src/closing/progress.ts'
import { garbage, overloaded, reset, response, throttledPage, timeout, unreachable } from '../usage/failures.ts'
import { randomFrom } from '../uploads/wire.ts'
import { SpooledRecords } from '../../src/closing/spooled-records.ts'
import {
  FakeConnect,
  NO_DEFAULTS,
  collect,
  countTurns,
  idOf,
  many,
  memoryPlace,
  recordOf,
  run,
  spooled,
  throttled,
  words,
  type Script
} from './stage.ts'

t.test('each record is closed once and has one outcome with its index', async (t) => {
  const connect = new FakeConnect()
  const { outcomes, summary } = await run(connect, many(10))
  t.same(outcomes, many(10).map(({ id }, index) => ({ outcome: 'closed', id, index })))
  t.same(summary, { requested: 10, closed: 10, refused: 0, unknown: 0 })
  t.same(connect.batches.map(({ length }) => length), [4, 4, 2])
  t.equal(connect.mostRunning, 2)
  t.equal(connect.reads.length, 0)
})

t.test('other requests run while a large batch is prepared', async (t) => {
  const endCount = countTurns()
  const { summary } = await run(new FakeConnect(), many(6_400), { batchSize: 3_200 })
  const turns = endCount()
  t.equal(summary.closed, 6_400)
  t.ok(turns >= 90, `${turns} turns of the event loop, for two calls to Connect`)
})

t.test('a record without billing fields gets the defaults of the request', async (t) => {
  const connect = new FakeConnect()
  const list = [{ ...recordOf(0), externalBillingId: null }, { ...recordOf(1), externalBillingNote: '' }]
  await run(connect, list, {}, { externalBillingId: 'DEF', externalBillingNote: 'n' })
  t.same(connect.batches[0], [
    { id: idOf(0), external_billing_id: 'DEF', external_billing_note: 'n' },
    { id: idOf(1), external_billing_id: 'INV-1', external_billing_note: '' }
  ])
})

const UNANSWERED = {
  outcome: 'unknown',
  code: 'OUTCOME_UNKNOWN',
  message: 'A call with the record had no answer; it was open since, and may be closed yet.'
}

t.test('records that Connect\'s answer leaves open are read back', async (t) => {
  const cases: Record<string, { prepare: (connect: FakeConnect) => void; outcome: object; sends: number }> = {
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
    },
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
  for (const [name, { prepare, outcome, sends }] of Object.entries(cases)) {
    const connect = new FakeConnect()
    prepare(connect)
    const { outcomes, summary } = await run(connect, many(1))
    t.match(outcomes, [{ ...outcome, id: idOf(0), index: 0 }], name)
    t.equal(connect.batches.length, sends, `${name}: calls`)
    t.equal(summary.closed + summary.refused + summary.unknown, 1)
  }
})

t.test('`already` is left out where a call of this service may have closed the record', async (t) => {
  const connect = new FakeConnect()
  connect.script = (batch, call) => {
    const rows = connect.close(batch)
    if (call === 1) throw response(400, 'Not so.')
    return rows
  }
  const { outcomes } = await run(connect, many(4))
  t.same(outcomes, many(4).map(({ id }, index) => ({ id, index, outcome: 'closed' })))
  t.equal(connect.batches.length, 3, 'the whole batch, then its halves')
  const single = new FakeConnect()
  single.script = (batch) => { single.close(batch); throw response(409, 'Not so.') }
  t.same((await run(single, many(1))).outcomes, [{ id: idOf(0), index: 0, outcome: 'closed' }])
})

t.test('a credential that may neither close nor read leaves records of an earlier request unknown', async (t) => {
  for (const status of [401, 403]) {
    const connect = new FakeConnect()
    connect.close(many(8).map(({ id }) => ({ id, external_billing_id: 'INV-1' })))
    connect.script = () => { throw response(status) }
    connect.onRead = () => { throw response(status) }
    const result = await run(connect, many(8))
    t.same(words(result), Array(8).fill('OUTCOME_UNKNOWN'), String(status))
    t.equal(connect.reads.length, 2, 'one read a batch')
  }
})

t.test('records are counted as unknown after a fault of this service that follows the send', async (t) => {
  const progress = new CloseProgress()
  const connect = new FakeConnect()
  connect.script = (batch, call) => {
    if (call === 1) return connect.close(batch)
    throw new TypeError('ours')
  }
  await t.rejects(run(connect, many(20), { progress, concurrency: 1 }), { message: 'ours' })
  t.same(progress.now(), { closed: 4, refused: 0, unknown: 4, interrupted: 0, inDoubt: 0 })
  const unsent = new CloseProgress()
  const failing = { ...new FakeConnect().steps, bulkClose: async () => { throw new TypeError('ours') } }
  const options = { batchSize: 4, concurrency: 1, progress: unsent }
  await t.rejects(collect(closeRecords(await spooled(many(4)), NO_DEFAULTS, failing, options)), { message: 'ours' })
  t.same(unsent.now(), { closed: 0, refused: 0, unknown: 0, interrupted: 0, inDoubt: 0 })
})

t.test('a record with another billing id is unknown, unless Connect refused it', async (t) => {
  const rows = (row: object): Script => batch => batch.map(({ id }) => ({ id, ...row }))
  for (const [script, inDoubt] of [
    [rows({ error_details: 'already closed' }), 0],
    [rows({ status: 'closed', external_billing_id: 'inv-1' }), 3],
    [() => { throw response(403) }, 3],
    [() => { throw response(500) }, 3]
  ] as const) {
    const connect = new FakeConnect()
    connect.close(many(3).map(({ id }) => ({ id, external_billing_id: 'inv-1' })))
    connect.script = script
    const progress = new CloseProgress()
    t.same(new Set(words(await run(connect, many(3), { progress }))), new Set(['BILLING_CONFLICT']))
    t.same(progress.now(), { closed: 0, refused: 3, unknown: 0, interrupted: 0, inDoubt })
  }
})

t.test('reading back waits for throttling and for a free slot', async (t) => {
  const connect = new FakeConnect()
  connect.script = (batch) => { connect.close(batch); return [] }
  const faults = [throttled(1), overloaded(), response(500)]
  const times: number[] = []
  connect.onRead = () => {
    times.push(performance.now())
    const fault = faults.shift()
    if (fault !== undefined) throw fault
    return undefined
  }
  t.same(words(await run(connect, many(1))), ['closed'])
  t.equal(connect.reads.length, 4)
  t.ok(times[1]! - times[0]! >= 1000, 'as Connect asked')
})

t.test('a large unclear batch is read back by pages of its file, and its other records one by one', async (t) => {
  const connect = new FakeConnect()
  connect.file = Array.from({ length: 5000 }, (_, n) => idOf(n)).filter(id => id !== idOf(42))
  connect.script = (batch) => { connect.close(batch); return [] }
  const { summary } = await run(connect, many(3000), { batchSize: 500 })
  t.equal(summary.closed, 3000)
  t.ok(connect.reads.length < 10, `${connect.reads.length} single reads`)
  t.ok(connect.pages < 30, `${connect.pages} pages`)
  const failing = new FakeConnect()
  failing.script = (batch) => { failing.close(batch); return [] }
  failing.onPage = () => { throw timeout() }
  t.equal((await run(failing, many(20), { batchSize: 20 })).summary.closed, 20)
})

t.test('every record of a call that Connect refuses for the account is read back', async (t) => {
  const refused = new FakeConnect()
  refused.file = many(24).map(({ id }) => id)
  refused.script = () => { throw response(403) }
  t.same(new Set(words(await run(refused, many(24), { batchSize: 12 }))), new Set(['CONNECT_FORBIDDEN']))
  t.same([refused.reads.length, refused.pages], [4, 2], 'the first record, another one for its file, and one page')
  const done = new FakeConnect()
  done.script = (batch) => { done.close(batch.slice(1, 3)); throw response(403) }
  done.onRead = id => id === idOf(3) ? { id } : undefined
  t.same(words(await run(done, many(4))), ['CONNECT_FORBIDDEN', 'closed', 'closed', 'OUTCOME_UNKNOWN'])
  t.equal(done.batches.length, 1)
})

t.test('a row without a status in a list is read alone', async (t) => {
  const connect = new FakeConnect()
  connect.file = many(12).map(({ id }) => id)
  connect.script = (batch) => { connect.close(batch); return [] }
  const { steps } = connect
  const listFile: typeof steps.listFile = async (...window) => {
    const page = await steps.listFile(...window)
    return { ...page, items: page.items.map(({ id = '' }) => ({ id, usagefile: { id: 'UF-1' } })) }
  }
  const options = { batchSize: 12, concurrency: 1 }
  const records = await spooled(many(12))
  const result = await collect(closeRecords(records, NO_DEFAULTS, { ...steps, listFile }, options))
  t.same(new Set(words(result)), new Set(['closed']))
  t.equal(connect.batches.length, 1)
})

/** A Connect whose list shows every record as `status`, whatever the record itself shows. */
function withWrongList (connect: FakeConnect, status: string, wrongFrom = 0): FakeConnect['steps'] {
  const { steps } = connect
  return {
    ...steps,
    listFile: async (...window) => {
      const page = await steps.listFile(...window)
      return { ...page, items: page.items.map((row, n) => n < wrongFrom ? row : { ...row, status }) }
    }
  }
}

t.test('no record is refused because of a row of a list that the record itself denies', async (t) => {
  const accepted: Script = () => []
  const alreadyClosed: Script = batch => batch.map(({ id }) => ({ id, error_details: 'already closed' }))
  for (const wrongFrom of [0, 1]) {
    const connect = new FakeConnect()
    connect.file = many(12).map(({ id }) => id)
    connect.script = (batch, call) => {
      if (call > 1) return alreadyClosed(batch, call)
      connect.close(batch)
      return accepted(batch, call)
    }
    const steps = withWrongList(connect, 'approved', wrongFrom)
    const result = await collect(
      closeRecords(await spooled(many(12)), NO_DEFAULTS, steps, { batchSize: 12, concurrency: 1 })
    )
    t.same(new Set(words(result)), new Set(['closed']), `rows are wrong from ${wrongFrom} on`)
    t.equal(connect.batches.length, wrongFrom === 0 ? 1 : 2, 'a list that is seen to be wrong is not used')
  }
  const ignored = new FakeConnect()
  ignored.file = many(12).map(({ id }) => id)
  ignored.script = accepted
  t.same(new Set(words(await run(ignored, many(12), { batchSize: 12 }))), new Set(['NOT_CLOSED']))
  t.equal(ignored.batches.length, 2)
  t.equal(ignored.reads.length, 13, 'one for its file, and at the end one for each record')
  const other = new FakeConnect()
  other.file = many(12).map(({ id }) => id)
  other.script = (batch) => { other.close(batch); return [] }
  const { steps } = other
  const options = { batchSize: 12, concurrency: 1 }
  const wrong = await collect(closeRecords(await spooled(many(12)), NO_DEFAULTS, {
    ...steps,
    listFile: async (...window) => {
      const page = await steps.listFile(...window)
      return { ...page, items: page.items.map(row => ({ ...row, external_billing_id: 'OTHER' })) }
    }
  }, options))
  t.same(new Set(words(wrong)), new Set(['closed']), 'nor because of another billing id')
})

t.test('of a refused call whose first records are not found, few are read', async (t) => {
  const hidden = new FakeConnect()
  hidden.script = () => { throw response(403) }
  hidden.onRead = () => { throw response(404) }
  const result = await run(hidden, many(40), { batchSize: 40 })
  t.same(words(result), [...Array(4).fill('CONNECT_FORBIDDEN'), ...Array(36).fill('OUTCOME_UNKNOWN')])
  t.equal(hidden.reads.length, 4)
  const partly = new FakeConnect()
  partly.file = many(40).slice(1).map(({ id }) => id)
  partly.script = () => { throw response(403) }
  partly.onRead = (id) => { if (id === idOf(0)) throw response(404) }
  t.same(new Set(words(await run(partly, many(40), { batchSize: 40 }))), new Set(['CONNECT_FORBIDDEN']))
  t.same([partly.reads.length, partly.pages], [3, 1])
})

t.test('records of a call that was throttled are read back before they are refused', async (t) => {
  const ends = [throttledPage(0), throttled(0)].flatMap(error => [{ acts: false, error }, { acts: true, error }])
  for (const { acts, error } of ends) {
    const connect = new FakeConnect()
    connect.script = (batch) => {
      if (acts) connect.close(batch)
      throw error
    }
    const result = await run(connect, many(2))
    t.same(new Set(words(result)), new Set([acts ? 'closed' : 'UPSTREAM_THROTTLED']))
    if (!acts) t.match(result.outcomes[0], { message: /^Connect left the record open/ })
  }
  const passing = new FakeConnect()
  passing.script = (batch, call) => {
    const rows = passing.close(batch)
    if (call === 1) throw throttled(0)
    return rows
  }
  t.same((await run(passing, many(2))).outcomes.map(one => ({ ...one })), many(2).map(({ id }, index) => ({
    id, index, outcome: 'closed'
  })), 'not told as closed before')
  const stopped = new FakeConnect()
  stopped.script = () => { throw throttled(500) }
  t.same(words(await run(stopped, many(2))), ['OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN'], 'the pause holds reads back, too')
})

t.test('after a call too large for a gateway, only open records are sent again, in smaller calls', async (t) => {
  for (const acts of [false, true]) {
    const connect = new FakeConnect()
    connect.script = (batch) => {
      if (batch.length <= 2) return connect.close(batch)
      if (acts) connect.close(batch.slice(1))
      throw garbage(413)
    }
    const result = await run(connect, many(16), { batchSize: 16 })
    t.same(result.summary, { requested: 16, closed: 16, refused: 0, unknown: 0 })
    t.notOk(result.outcomes.some(one => 'already' in one), 'this request closed them')
    const sizes = connect.batches.map(({ length }) => length)
    t.same(acts ? sizes : sizes.slice(0, 4), acts ? [16, 1] : [16, 8, 4, 2])
  }
  const never = new FakeConnect()
  never.script = () => { throw garbage(413) }
  t.same(new Set(words(await run(never, many(3)))), new Set(['NOT_CLOSED']))
})

t.test('one hanging batch does not delay the others', async (t) => {
  const connect = new FakeConnect()
  let release = (): void => {}
  const hung = new Promise<void>((resolve) => { release = resolve })
  connect.script = async (batch, call) => {
    if (call !== 2) return connect.close(batch)
    await hung
    throw timeout()
  }
  const outcomes = closeRecords(await spooled(many(40)), NO_DEFAULTS, connect.steps, { batchSize: 4, concurrency: 3 })
  let seen = 0
  while (seen < 36) seen += ((await outcomes.next()).value as unknown[]).length
  t.equal(connect.batches.length, 10)
  release()
  const { summary } = await collect(outcomes)
  t.same(summary, { requested: 40, closed: 40, refused: 0, unknown: 0 })
})

t.test('no more calls are made when Connect gives no usable answer for the patience time', async (t) => {
  const connect = new FakeConnect()
  connect.script = (batch, call) => {
    if (call <= 3) return connect.close(batch)
    throw call % 2 === 0 ? unreachable() : reset()
  }
  connect.onRead = () => { throw timeout() }
  const result = await run(connect, many(4000), { patienceMs: 300 })
  t.equal(result.summary.closed, 12)
  t.equal(result.summary.requested, 4000)
  t.ok(connect.batches.length < 15, `${connect.batches.length} calls`)
  t.ok(connect.reads.length < 60, `${connect.reads.length} reads`)
  t.same(new Set(words(result)), new Set(['closed', 'OUTCOME_UNKNOWN', 'UPSTREAM_UNREACHABLE']))
})

t.test('an id that comes twice is sent once', async (t) => {
  const connect = new FakeConnect()
  connect.script = batch =>
    connect
      .close(batch.filter(({ id }) => id !== idOf(1)))
      .concat(batch.some(({ id }) => id === idOf(1)) ? [{ id: idOf(1), error_details: 'No.' }] : [])
  const note = (n: number, externalBillingNote: string): object => ({ ...recordOf(n), externalBillingNote })
  const list = [
    recordOf(0),
    recordOf(1),
    recordOf(0),
    recordOf(0, 'OTHER'),
    note(0, 'n'),
    { ...recordOf(0), externalBillingId: null },
    recordOf(1),
    recordOf(2),
    recordOf(1, 'OTHER')
  ] as ReturnType<typeof recordOf>[]
  const result = await run(connect, list, {}, { externalBillingId: 'INV-1', externalBillingNote: null })
  t.same(words(result), [
    'closed',
    'CONNECT_REJECTED',
    'closed',
    'DUPLICATE_ID',
    'DUPLICATE_ID',
    'closed',
    'CONNECT_REJECTED',
    'closed',
    'DUPLICATE_ID'
  ])
  t.same(result.outcomes.map(({ index }) => index), [0, 1, 2, 3, 4, 5, 6, 7, 8])
  t.same(connect.batches.flat().map(({ id }) => id).sort(), [idOf(0), idOf(1), idOf(2)])
  t.same(result.summary, { requested: 9, closed: 4, refused: 5, unknown: 0 })
})

t.test('repeated ids in any order are read from disk by blocks, not one by one', async (t) => {
  const place = memoryPlace()
  let rounds = 0
  let running = 0
  const records = new SpooledRecords({
    ...place,
    readAt: async (position, length) => {
      if ((running += 1) === 1) rounds += 1
      await new Promise(setImmediate)
      running -= 1
      return await place.readAt(position, length)
    }
  })
  const list = many(6400)
  // 97 and 6400 have no common factor: every stretch is far from the last one.
  for (let n = 0; n < 6400; n++) list.push(recordOf(n * 97 % 6400, n % 5 === 0 ? 'OTHER' : 'INV-1'))
  for (const record of list) records.append(record)
  const result = await collect(
    closeRecords(records, NO_DEFAULTS, new FakeConnect().steps, { batchSize: 500, concurrency: 4 })
  )
  t.same(result.summary, { requested: 12_800, closed: 11_520, refused: 1280, unknown: 0 })
  t.ok(rounds < 300, `${rounds} times for 6400 repetitions`)
})

t.test('a consumer that stops early ends the sending, and leaves no unhandled rejection', async (t) => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => { unhandled.push(error) }
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))
  const connect = new FakeConnect()
  const outcomes = closeRecords(await spooled(many(400)), NO_DEFAULTS, connect.steps, { batchSize: 4, concurrency: 3 })
  await outcomes.next()
  await outcomes.return({ requested: 0, closed: 0, refused: 0, unknown: 0 })
  const sent = connect.batches.length
  t.ok(sent <= 4, `${sent} calls`)
  t.equal(connect.running, 0, 'what was sent has been seen through')
  const failing = new FakeConnect()
  failing.script = () => { throw new TypeError('ours') }
  await t.rejects(run(failing, many(40)), { message: 'ours' })
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  t.same([connect.batches.length, unhandled], [sent, []])
})

t.test('at most `concurrency` batches wait for a consumer that reads slowly', async (t) => {
  const connect = new FakeConnect()
  const outcomes = closeRecords(await spooled(many(200)), NO_DEFAULTS, connect.steps, { batchSize: 4, concurrency: 3 })
  let taken = 0
  for (;;) {
    const { done } = await outcomes.next()
    if (done === true) break
    taken += 1
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    if (connect.batches.length > taken + 3) t.fail(`${connect.batches.length} sent, ${taken} taken`)
  }
  t.equal(taken, 50)
})

/** What Connect may do to a batch, by chance. Some of what it was silent about it does when all is over. */
function chaos (connect: FakeConnect, random: () => number, late: Parameters<Script>[0][]): Script {
  const isPoison = (id: string): boolean => id.endsWith('13')
  return async (batch) => {
    if (batch.length > 6 && random() < 0.3) throw response(413)
    if (batch.some(({ id }) => isPoison(id)) && random() < 0.7) throw response(400, 'Poison.')
    switch (Math.floor(random() * 14)) {
      case 0:
        late.push(batch)
        throw timeout()
      case 1:
        throw response(500)
      case 2:
      case 3:
        throw throttled(0)
      case 4:
        if (random() < 0.2) throw random() < 0.5 ? unreachable() : overloaded()
        return connect.close(batch)
      case 5:
        connect.close(batch)
        throw reset()
      case 6:
        connect.close(batch.filter(() => random() < 0.5))
        throw timeout()
      case 7:
        connect.close(batch)
        throw garbage()
      case 8:
        return connect
          .close(batch)
          .filter(() => random() < 0.6)
          .reverse()
      case 9:
        return [
          ...connect.close(batch),
          { id: 'UR-0', status: 'closed' },
          { status: 'closed' },
          { id: batch[0]?.id, status: 'approved', error_details: 'Twice.' }
        ]
      case 10:
        return batch.map(({ id }) => ({ id, status: 'approved' }))
      case 11:
        return connect
          .close(batch.filter(({ id }) => !isPoison(id)))
          .concat(batch.filter(({ id }) => isPoison(id)).map(({ id }) => ({ id, error_codes: 'X' })))
      default:
        return connect.close(batch)
    }
  }
}

t.test(
  'whatever Connect does, every record has one outcome, and none is told closed that is not, or refused that will be',
  async t => {
    let told = 0
    await Promise.all(
      Array.from({ length: 300 }, async (_, seed) => {
        const random = randomFrom(seed + 1)
        const connect = new FakeConnect()
        connect.file = many(60).map(({ id }) => id)
        for (let n = 0; n < 60; n += 11) connect.closed.set(idOf(n), random() < 0.5 ? 'INV-1' : 'OTHER')
        const before = new Set(connect.closed.keys())
        const late: Parameters<Script>[0][] = []
        connect.script = chaos(connect, random, late)
        connect.onRead = () => {
          const dice = random()
          if (dice < 0.1) throw timeout()
          if (dice < 0.15) throw response(404)
          if (dice < 0.2) throw throttled(0)
          return undefined
        }
        connect.onPage = () => {
          if (random() < 0.3) throw timeout()
        }
        const list = Array.from({ length: 80 }, (_, n) =>
          n < 50 ? recordOf(n) : recordOf(Math.floor(random() * 60), random() < 0.8 ? 'INV-1' : 'X')
        )
        const { outcomes, summary } = await run(connect, list, {
          batchSize: 1 + Math.floor(random() * 20),
          concurrency: 1 + Math.floor(random() * 4),
          patienceMs: 5000
        })
        const wrong: string[] = []
        if (
          JSON.stringify(outcomes.map(({ index, id }) => [index, id])) !==
          JSON.stringify(list.map(({ id }, index) => [index, id]))
        ) { wrong.push('not one outcome each') }
        for (const batch of late) connect.close(batch)
        for (const { id, index, outcome, ...rest } of outcomes) {
          // One that was closed before and is not found is told with Connect's words on that.
          const saysOpen =
            'code' in rest && !['DUPLICATE_ID', 'BILLING_CONFLICT'].includes(rest.code) && !before.has(id)
          if (outcome === 'refused' && saysOpen && connect.closed.get(id) === list[index]?.externalBillingId) {
            wrong.push(`${id} is closed after all`)
          }
          if (outcome !== 'closed') continue
          told += 1
          if (connect.closed.get(id) !== list[index]?.externalBillingId) wrong.push(`${id} is not closed so`)
        }
        const counted = { requested: 80, closed: 0, refused: 0, unknown: 0 }
        for (const { outcome } of outcomes) counted[outcome] += 1
        if (JSON.stringify(counted) !== JSON.stringify(summary)) wrong.push(JSON.stringify(summary))
        if (wrong.length > 0) t.fail(`seed ${seed}: ${wrong.join(', ')}`)
      })
    )
    t.ok(told > 10_000, `${told} closed`)
  }
)
