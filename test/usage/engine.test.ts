import t, { type Test } from 'tap'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import { AppError } from '../../src/errors/app-error.ts'
import type { IdempotentAttempt } from '../../src/usage/writes/attempt.ts'
import type { Snapshot } from '../../src/usage/writes/snapshot.ts'
import { executeWrite, type SimpleWrite } from '../../src/usage/writes/engine.ts'
import {
  ACCEPT, APPROVE_ALL, CLOSE_FILE, DELETE_FILE, fileSnapshot, RECONCILE, REJECT, REPROCESS, SUBMIT, UPDATE_FILE,
  UPLOAD
} from '../../src/usage/writes/file-operations.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { reset, response, timeout } from './failures.ts'
import { contextOf, detail, id } from './engine-fixture.ts'

/** A submit whose send and read end as told, and how often each was called. */
async function submit (t: Test, send: ConnectFile | Error | null, read: ConnectFile | Error, expectedActs = 1) {
  const give = (value: ConnectFile | Error | null): ConnectFile | null => {
    if (value instanceof Error) throw value
    return value
  }
  const { connect, calls } = fakeConnect({ usageFiles: { submit: () => give(send), get: () => give(read) ?? {} } })
  const outcome = await executeWrite(SUBMIT, connect, { fileId: id }, contextOf('vendor'))
    .catch((error: unknown) => error)
  const times = (operation: string): number => calls.filter(call => call.operation === operation).length
  t.equal(times('usageFiles.submit'), expectedActs, 'times sent')
  return { outcome, reads: times('usageFiles.get') }
}

t.test('an answer that is the whole detail is shown without a read', async (t) => {
  const { outcome, reads } = await submit(t, detail('pending'), detail('ready'))
  t.match(outcome, { id, status: 'pending', files: { uploaded: null } })
  t.equal(reads, 0)
})

t.test('any other answer is followed by a read', async (t) => {
  for (const answer of [
    null,
    {},
    { id, status: 'pending' },
    { id: 'UF-2026-11-0000-0000', status: 'pending', records: {} }
  ]) {
    const { outcome, reads } = await submit(t, answer, detail('pending'))
    t.match(outcome, { id, status: 'pending' })
    t.equal(reads, 1)
  }
})

t.test('a success stays a success when the file cannot be read', async (t) => {
  t.match((await submit(t, { status: 'pending' }, timeout())).outcome, {
    id,
    status: 'pending',
    records: null,
    files: null
  })
  t.match((await submit(t, null, timeout())).outcome, { id, status: null, actions: [] })
})

t.test('a refusal is explained when the status forbids the action', async (t) => {
  const { outcome } = await submit(t, response(400, 'Wrong state.'), detail('draft'))
  t.match(outcome, {
    code: 'ACTION_NOT_ALLOWED',
    options: {
      extra: { currentStatus: 'draft', actions: ['update', 'upload', 'delete'] },
      connect: { status: 400, errorCode: 'USG_100', errors: ['Wrong state.'] }
    }
  })
})

t.test('a refusal stays a refusal when the file already has the wanted status', async (t) => {
  t.match((await submit(t, response(400), detail('pending'))).outcome, {
    code: 'ACTION_NOT_ALLOWED',
    options: { extra: { currentStatus: 'pending' } }
  })
})

t.test('a refusal that the status does not explain is passed on', async (t) => {
  const refusal = response(400)
  t.equal((await submit(t, refusal, detail('ready'))).outcome, refusal)
  t.equal((await submit(t, refusal, timeout())).outcome, refusal)
  t.equal((await submit(t, refusal, { id, status: 'archived' })).outcome, refusal)
  const forbidden = response(403)
  const { outcome, reads } = await submit(t, forbidden, detail('draft'))
  t.equal(outcome, forbidden)
  t.equal(reads, 0)
})

t.test('after an unclear end the file tells the outcome', async (t) => {
  t.match((await submit(t, timeout(), detail('pending'))).outcome, { id, status: 'pending' })
  t.match((await submit(t, timeout(), detail('ready'))).outcome, { code: 'OUTCOME_UNKNOWN' })
  t.match((await submit(t, timeout(), timeout())).outcome, { code: 'OUTCOME_UNKNOWN' })
  const failure = response(500)
  t.equal(
    (await submit(t, failure, detail('ready'), 2)).outcome,
    failure,
    'a status that still allows it: sent once more'
  )
  t.equal((await submit(t, failure, detail('draft'))).outcome, failure)
  t.match(
    (await submit(t, reset(), detail('ready'))).outcome,
    { code: 'OUTCOME_UNKNOWN' },
    'which is no proof after a reset'
  )
  t.ok((await submit(t, failure, timeout())).outcome instanceof AppError)
})

t.test('a write is sent a second time only when the file is as before', async (t) => {
  const before = detail('pending', { note: 'n', events: { created: { at: '2026-11-01T00:00:00Z' } } })
  const kept: IdempotentAttempt = { isKept: true, note: () => {}, earlier: null }
  const sends = async (
    write: Omit<SimpleWrite<never, ConnectFile, unknown>, 'send'>,
    end: Error,
    after: ConnectFile,
    attempt: IdempotentAttempt = kept
  ): Promise<number> => {
    let [acts, reads] = [0, 0]
    const { connect } = fakeConnect({
      usageFiles: { get: () => reads++ === 0 && attempt.earlier === null ? before : after },
      usageRecords: { count: () => 3 }
    })
    const send = async () => {
      acts += 1
      throw end
    }
    const input = { fileId: id, note: 'why', given: { note: 'other' } }
    await executeWrite({ ...write, send, shows: () => false } as unknown as SimpleWrite<unknown, ConnectFile, unknown>,
      connect, input, contextOf('provider', attempt)).catch(() => {})
    return acts
  }
  for (const [write, afterFailure, afterReset] of [
    [SUBMIT, 2, 2],
    [ACCEPT, 2, 2],
    [REJECT, 2, 2],
    [CLOSE_FILE, 2, 2],
    [DELETE_FILE, 2, 2],
    [UPDATE_FILE, 2, 1],
    [APPROVE_ALL, 2, 1],
    [UPLOAD, 1, 1],
    [REPROCESS, 1, 1],
    [RECONCILE, 1, 1]
  ] as const) {
    const { operationId } = write
    t.equal(await sends(write, response(500), before), afterFailure, `${operationId} after a failure`)
    t.equal(await sends(write, reset(), before), afterReset, `${operationId} after a reset`)
    t.equal(await sends(write, timeout(), before), 1, `${operationId} after a time-out`)
    for (const end of [response(500), reset()]) {
      const changed = { ...before, note: 'somebody else was here' }
      t.equal(await sends(write, end, changed), 1, `${operationId} of what was changed`)
    }
  }
  const later = (before: Snapshot | null): IdempotentAttempt => ({
    isKept: true,
    note: () => {},
    earlier: { sentAt: new Date(), before, isOver: false }
  })
  t.equal(
    await sends(ACCEPT, response(500), before, later(fileSnapshot(before))),
    2,
    'compared with how it was before the first request'
  )
  const repeated = await sends(REPROCESS, response(500), before, later(fileSnapshot(before)))
  t.equal(repeated, 0, 'never sent by the next request')
})
