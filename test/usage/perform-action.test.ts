import t, { type Test } from 'tap'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import { AppError } from '../../src/errors/app-error.ts'
import type { Attempt, Trace } from '../../src/usage/writes/attempt.ts'
import {
  fileTrace,
  isAcceptedWith,
  isClosed,
  isDeleted,
  isRejectedWith,
  isReprocessing,
  isSubmitted,
  undecidedRecords
} from '../../src/usage/writes/file-effects.ts'
import { performFileAction, sendFileAction, type FileActionPlan } from '../../src/usage/writes/perform-action.ts'
import { reset, response, timeout } from './failures.ts'

const id = 'UF-2026-11-1111-2222'
const detail = (status: string, more: ConnectFile = {}): ConnectFile => ({ id, status, records: {}, ...more })

/** A submit whose send and read end as told, and how often each was called. */
async function submit (t: Test, send: ConnectFile | Error | null, read: ConnectFile | Error, expectedActs = 1) {
  let [acts, reads] = [0, 0]
  const give = (value: ConnectFile | Error | null): ConnectFile | null => {
    if (value instanceof Error) throw value
    return value
  }
  const plan: FileActionPlan = {
    id, action: 'submit', role: 'vendor', isDone: isSubmitted,
    act: async () => { acts++; return give(send) },
    read: async () => { reads++; return give(read) ?? {} }
  }
  const outcome = await performFileAction(plan).catch((error: unknown) => error)
  t.equal(acts, expectedActs, 'times sent')
  return { outcome, reads }
}

t.test('Connect\'s own answer serves where it is the detail', async (t) => {
  const { outcome, reads } = await submit(t, detail('pending'), detail('ready'))
  t.match(outcome, { id, status: 'pending', files: { uploaded: null } })
  t.equal(reads, 0)
})

t.test('any other answer is completed by a read', async (t) => {
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

t.test('a success stays one when the file cannot be read', async (t) => {
  t.match((await submit(t, { status: 'pending' }, timeout())).outcome, {
    id,
    status: 'pending',
    records: null,
    files: null
  })
  t.match((await submit(t, null, timeout())).outcome, { id, status: null, actions: [] })
})

t.test('a refusal of what the status forbids', async (t) => {
  const { outcome } = await submit(t, response(400, 'Wrong state.'), detail('draft'))
  t.match(outcome, {
    code: 'ACTION_NOT_ALLOWED',
    options: {
      extra: { currentStatus: 'draft', actions: ['update', 'upload', 'delete'] },
      connect: { status: 400, errorCode: 'USG_100', errors: ['Wrong state.'] }
    }
  })
})

t.test('a refusal stays one when the target is reached already', async (t) => {
  t.match((await submit(t, response(400), detail('pending'))).outcome, {
    code: 'ACTION_NOT_ALLOWED',
    options: { extra: { currentStatus: 'pending' } }
  })
})

t.test('a refusal that the status does not explain goes on as it came', async (t) => {
  const refusal = response(400)
  t.equal((await submit(t, refusal, detail('ready'))).outcome, refusal)
  t.equal((await submit(t, refusal, timeout())).outcome, refusal)
  t.equal((await submit(t, refusal, { id, status: 'archived' })).outcome, refusal)
  const forbidden = response(403)
  const { outcome, reads } = await submit(t, forbidden, detail('draft'))
  t.equal(outcome, forbidden)
  t.equal(reads, 0)
})

t.test('after a doubtful end the file tells', async (t) => {
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

t.test('what is sent a second time, with the file as it was before', async (t) => {
  const before = detail('pending', { note: 'n', events: { created: { at: '2026-11-01T00:00:00Z' } } })
  const sends = async (
    action: FileActionPlan['action'],
    end: Error,
    after: ConnectFile,
    attempt?: Attempt
  ): Promise<number> => {
    let acts = 0
    await sendFileAction({
      id,
      action,
      role: action === 'submit' || action === 'update' || action === 'upload' ? 'vendor' : 'provider',
      before,
      isDone: () => false,
      ...(attempt !== undefined && { attempt }),
      act: async () => {
        acts += 1
        throw end
      },
      read: async () => after
    }).catch(() => {})
    return acts
  }
  for (const [action, afterFailure, afterReset] of [
    ['submit', 2, 2],
    ['accept', 2, 2],
    ['reject', 2, 2],
    ['close', 2, 2],
    ['delete', 2, 2],
    ['update', 2, 1],
    ['approve-all', 2, 1],
    ['upload', 1, 1],
    ['reprocess', 1, 1],
    ['reconcile', 1, 1]
  ] as const) {
    t.equal(await sends(action, response(500), before), afterFailure, `${action} after a failure`)
    t.equal(await sends(action, reset(), before), afterReset, `${action} after a reset`)
    t.equal(await sends(action, timeout(), before), 1, `${action} after a time-out`)
    for (const end of [response(500), reset()]) {
      t.equal(
        await sends(action, end, { ...before, note: 'somebody else was here' }),
        1,
        `${action} of what was changed`
      )
    }
  }
  const later = (trace: Trace | null): Attempt => ({
    isKept: true,
    note: () => {},
    earlier: { sentAt: new Date(), before: trace, isOver: false }
  })
  t.equal(
    await sends('accept', response(500), before, later(fileTrace(before))),
    2,
    'compared with how it was before the first request'
  )
})

t.test('what shows that an action took effect', async (t) => {
  t.same(
    ['ready', 'pending', 'accepted', 'closed', 'rejected'].map(status => isSubmitted({ status })),
    [false, true, true, true, false]
  )
  t.ok(isAcceptedWith(undefined)({ status: 'accepted', acceptance_note: 'theirs' }))
  t.ok(isAcceptedWith('ours ')({ status: 'accepted', acceptance_note: 'ours' }))
  t.notOk(isAcceptedWith('ours')({ status: 'accepted', acceptance_note: 'Auto Approved' }), 'a rule was faster')
  t.notOk(isAcceptedWith(undefined)({ status: 'pending' }))
  t.ok(isRejectedWith('why')({ status: 'rejected', rejection_note: 'why' }))
  t.notOk(isRejectedWith('why')({ status: 'rejected' }))
  t.ok(isClosed({ status: 'closed' }))
  t.ok(isDeleted({ status: 'deleted' }))
  t.ok(isReprocessing({ status: 'accepted', sub_status: 'processing' }))
  t.notOk(isReprocessing({ status: 'accepted', sub_status: 'processed' }))
  t.same(undecidedRecords(id), { 'usagefile.id': id, status: ['valid', 'rejected'] })
})
