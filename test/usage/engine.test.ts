import t, { type Test } from 'tap'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import { AppError } from '../../src/errors/app-error.ts'
import type { WriteContext } from '../../src/usage/context.ts'
import { ONLY_ATTEMPT, type IdempotentAttempt, type Snapshot } from '../../src/usage/writes/attempt.ts'
import { executeWrite, type SimpleWrite } from '../../src/usage/writes/engine.ts'
import {
  ACCEPT, APPROVE_ALL, CLOSE_FILE, DELETE_FILE, fileSnapshot, RECONCILE, REJECT, REPROCESS, SUBMIT, UPDATE_FILE, UPLOAD
} from '../../src/usage/writes/file-operations.ts'
import { CLOSE_CHUNK } from '../../src/usage/writes/chunk-operations.ts'
import { DECIDE_RECORD } from '../../src/usage/writes/record-operations.ts'
import { FILE_STATUSES } from '../../schemas/usage-file.ts'
import { PROVIDER, VENDOR } from '../credentials.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { reset, response, timeout } from './failures.ts'

const id = 'UF-2026-11-1111-2222'
const detail = (status: string, more: ConnectFile = {}): ConnectFile => ({ id, status, records: {}, ...more })
const contextOf = (role: 'vendor' | 'provider', attempt: IdempotentAttempt = ONLY_ATTEMPT): WriteContext => ({
  account: { name: 'a', role, accountId: 'VA-1', apiKey: 'ApiKey x' },
  actor: role === 'vendor' ? VENDOR : PROVIDER,
  attempt,
  noteBefore: object => object,
  credential: 'ApiKey x',
  requestId: 'r'
})

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
    const role = ['submitUsageFile', 'updateUsageFile', 'uploadUsageFile'].includes(write.operationId)
      ? 'vendor'
      : 'provider'
    await executeWrite({ ...write, send, shows: () => false } as unknown as SimpleWrite<unknown, ConnectFile, unknown>,
      connect, input, contextOf(role, attempt)).catch(() => {})
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

/** Runs a write once: its outcome, and how often it was sent. Every send gives `answer`, every read `found`. */
async function runOnce (
  write: object, answer: object | Error | null, found: object | Error, role: 'vendor' | 'provider'
) {
  const give = (value: unknown): unknown => {
    if (value instanceof Error) throw value
    return value
  }
  const all = { get: () => give(found) }
  const { connect } = fakeConnect({ usageFiles: all, usageChunks: all, usageRecords: all })
  let sends = 0
  const send = async (): Promise<unknown> => {
    sends += 1
    return give(answer)
  }
  const input = { fileId: id, chunkId: id, recordId: id, note: 'why', decision: 'approved', billing: BILLING }
  const outcome = await executeWrite(
    { ...write, send } as unknown as SimpleWrite<unknown, ConnectFile, unknown>, connect, input, contextOf(role)
  ).catch((error: unknown) => error)
  return { outcome, sends }
}

const BILLING = { externalBillingId: 'INV-1' }
const UNKNOWN = { code: 'OUTCOME_UNKNOWN' }

t.test('a known status that the action does not lead to denies a success', async (t) => {
  for (const [write, role, leadsTo] of [
    [SUBMIT, 'vendor', ['pending', 'accepted', 'rejected', 'closed']],
    [DELETE_FILE, 'vendor', ['deleted']],
    [ACCEPT, 'provider', ['accepted', 'closed']],
    [REJECT, 'provider', ['rejected']],
    [CLOSE_FILE, 'provider', ['closed']]
  ] as const) {
    for (const status of FILE_STATUSES) {
      const { outcome, sends } = await runOnce(write, {}, detail(status), role)
      t.equal(sends, 1)
      const what = `${write.operationId} ${status}`
      if ((leadsTo as readonly string[]).includes(status)) t.notMatch(outcome, UNKNOWN, what)
      else t.match(outcome, UNKNOWN, what)
    }
  }
})

const HIDDEN = [undefined, null, 'archived', 4, { v: 'closed' }].map(status => ({ id, status, records: {} }))

t.test('a close must show its effect; for other actions a hidden status proves nothing', async (t) => {
  for (const found of [...HIDDEN, timeout()]) {
    for (const answer of [null, {}]) {
      t.match((await runOnce(CLOSE_FILE, answer, found, 'provider')).outcome, UNKNOWN)
      t.notMatch((await runOnce(DELETE_FILE, answer, found, 'vendor')).outcome, UNKNOWN)
      t.match((await runOnce(SUBMIT, answer, found, 'vendor')).outcome, { id, status: null })
      if (found instanceof Error) continue
      t.match((await runOnce(CLOSE_CHUNK, answer, found, 'provider')).outcome, UNKNOWN)
      t.match((await runOnce(DECIDE_RECORD, answer, found, 'provider')).outcome, { id, status: null })
    }
  }
})

t.test('after a failure a hidden status leads to OUTCOME_UNKNOWN, and nothing is sent again', async (t) => {
  for (const found of HIDDEN) {
    for (const [write, role] of [
      [SUBMIT, 'vendor'], [DELETE_FILE, 'vendor'], [ACCEPT, 'provider'], [REJECT, 'provider'],
      [CLOSE_FILE, 'provider'], [CLOSE_CHUNK, 'provider'], [DECIDE_RECORD, 'provider']
    ] as const) {
      const { outcome, sends } = await runOnce(write, response(500), found, role)
      t.match(outcome, UNKNOWN, write.operationId)
      t.equal(sends, 1)
    }
  }
})

t.test('each action has a status that shows its effect', async (t) => {
  const run = <Input>(input: Input) => ({
    connect: fakeConnect({}).connect, input, context: contextOf('vendor'), object: null, before: null
  })
  const submitted = ['ready', 'pending', 'accepted', 'closed', 'rejected']
  t.same(
    submitted.map(status => SUBMIT.shows({ status }, run({ fileId: id }))),
    [false, true, true, true, false]
  )
  const accepted = (file: ConnectFile, note: string | undefined) => ACCEPT.shows(file, run({ fileId: id, note }))
  t.ok(accepted({ status: 'accepted', acceptance_note: 'theirs' }, undefined))
  t.ok(accepted({ status: 'accepted', acceptance_note: 'ours' }, 'ours '))
  t.notOk(accepted({ status: 'accepted', acceptance_note: 'Auto Approved' }, 'ours'), 'a rule was faster')
  t.notOk(accepted({ status: 'pending' }, undefined))
  const why = run({ fileId: id, note: 'why' })
  t.ok(REJECT.shows({ status: 'rejected', rejection_note: 'why' }, why))
  t.notOk(REJECT.shows({ status: 'rejected' }, why))
  t.ok(CLOSE_FILE.shows({ status: 'closed' }, why))
  t.ok(DELETE_FILE.shows({ status: 'deleted' }, why))
  t.ok(REPROCESS.shows({ status: 'accepted', sub_status: 'processing' }, why))
  t.notOk(REPROCESS.shows({ status: 'accepted', sub_status: 'processed' }, why))
})

t.test('records are left to approve while any is valid or rejected', async (t) => {
  const filters: unknown[] = []
  const { connect } = fakeConnect({
    usageRecords: {
      count: (filter: unknown) => {
        filters.push(filter)
        return 0
      }
    }
  })
  const run = { connect, input: { fileId: id }, context: contextOf('provider'), object: null, before: null }
  t.equal(await APPROVE_ALL.shows({}, run), true)
  t.same(filters, [{ 'usagefile.id': id, status: ['valid', 'rejected'] }])
})
