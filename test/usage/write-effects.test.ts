import t from 'tap'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import { executeWrite, type SimpleWrite } from '../../src/usage/writes/engine.ts'
import {
  ACCEPT, APPROVE_ALL, CLOSE_FILE, DELETE_FILE, REJECT, REPROCESS, SUBMIT
} from '../../src/usage/writes/file-operations.ts'
import { CLOSE_CHUNK } from '../../src/usage/writes/chunk-operations.ts'
import { DECIDE_RECORD } from '../../src/usage/writes/record-operations.ts'
import { FILE_STATUSES } from '../../schemas/usage-file.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { response, timeout } from './failures.ts'
import { contextOf, detail, id } from './engine-fixture.ts'

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
