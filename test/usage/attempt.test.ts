import t from 'tap'
import type { UsageFile as ConnectFile, UsageRule as ConnectRule } from '../../src/connect/types.ts'
import type { IdempotentAttempt } from '../../src/usage/writes/attempt.ts'
import { isSameSnapshot, type Snapshot } from '../../src/usage/writes/snapshot.ts'
import { createFile } from '../../src/usage/writes/create-file.ts'
import { createRule } from '../../src/usage/writes/create-rule.ts'
import { fileSnapshot } from '../../src/usage/writes/file-operations.ts'
import { sendAndReadBack } from '../../src/usage/writes/send-and-read-back.ts'
import { response, timeout } from './failures.ts'
import { VENDOR } from '../credentials.ts'

const SENT_AT = new Date('2026-11-21T10:00:00Z')
const after = (before: Snapshot | null, isOver = false): IdempotentAttempt => ({
  isKept: true,
  note: () => {},
  earlier: { sentAt: SENT_AT, before, isOver }
})
const UNKNOWN = { code: 'OUTCOME_UNKNOWN', message: /earlier request/ }

t.test('after an attempt of unknown outcome the object is read first', async (t) => {
  let sends = 0
  const send = async (): Promise<string> => {
    sends += 1
    return 'sent'
  }
  const again = (isUntouched: boolean) => ({ attempt: after(null), isUntouched: () => isUntouched })
  t.equal(await sendAndReadBack(send, async () => 'found', again(true)), 'found')
  await t.rejects(sendAndReadBack(send, async () => undefined, again(true)), UNKNOWN, 'what cannot be told is not sent')
  await t.rejects(sendAndReadBack(send, async () => null, again(false)), UNKNOWN)
  await t.rejects(sendAndReadBack(send, async () => { throw timeout() }, again(true)), { code: 'OUTCOME_UNKNOWN' })
  t.equal(sends, 0)
  t.equal(await sendAndReadBack(send, async () => null, again(true)), 'sent')
  t.equal(sends, 1)
})

t.test('a refusal of the second attempt is a success when the first attempt succeeds at that moment', async (t) => {
  let looks = 0
  const findOut = async (): Promise<string | null> => (looks += 1) > 1 ? 'found late' : null
  const refused = async (): Promise<string> => { throw response(400, 'Wrong state.') }
  t.equal(await sendAndReadBack(refused, findOut, { attempt: after(null), isUntouched: () => true }), 'found late')
  await t.rejects(
    sendAndReadBack(refused, async () => null, { attempt: after(null), isUntouched: () => true }),
    { name: 'ConnectResponseError' },
    'else it is a refusal'
  )
})

const given = {
  name: 'October',
  productId: 'PRD-1',
  contractId: 'CRD-1',
  period: { from: '2026-10-01', to: '2026-10-31' },
  externalId: 'E-1'
}
const fileOf = (at: string): ConnectFile => ({
  id: 'UF-1',
  name: 'October',
  status: 'draft',
  external_id: 'E-1',
  product: { id: 'PRD-1', name: '', icon: '' },
  contract: { id: 'CRD-1', name: '' },
  events: { created: { at } }
})

t.test('a create is sent again only when no new object shows and Connect has had five minutes', async (t) => {
  let creates = 0
  const run = async (attempt: IdempotentAttempt, items: ConnectFile[]) => await createFile({
    given, actor: VENDOR, attempt,
    create: async () => {
      creates += 1
      return fileOf('2026-11-21T12:00:00Z')
    },
    read: async () => fileOf('2026-11-21T12:00:00Z'),
    list: async () => ({ items, total: items.length })
  })
  const [old, ours] = [{ ...fileOf('2026-11-21T10:00:01Z'), id: 'UF-0' }, fileOf('2026-11-21T10:00:01Z')]
  t.match(await run(after({ ids: '' }), [ours]), { id: 'UF-1' })
  t.match(
    await run(after({ ids: 'UF-0' }), [old, ours]),
    { id: 'UF-1' },
    'the one that was not there before the first attempt'
  )
  await t.rejects(run(after({ ids: 'UF-0' }), [old]), UNKNOWN, 'it may still come')
  await t.rejects(run(after({ ids: '' }, true), [old, ours]), UNKNOWN, 'two of them')
  await t.rejects(run(after({ ids: '' }, true), [{ ...old, name: 'another' }]), UNKNOWN, 'of that id, but not ours')
  await t.rejects(run(after(null, true), [old]), UNKNOWN, 'nobody knows what was there before')
  t.equal(creates, 0)
  t.match(await run(after({ ids: 'UF-0' }, true), [old]), { id: 'UF-1' })
  t.equal(creates, 1)
})

t.test('a create of a rule is sent again under the same conditions', async (t) => {
  let creates = 0
  const rule: ConnectRule = {
    id: 'RUL-2',
    action: 'accept',
    rule: 'lt(amount,5)',
    status: 'active',
    item: { id: 'PRD-1-1', name: 'x' }
  }
  const run = async (attempt: IdempotentAttempt, items: ConnectRule[]) => await createRule({
    productId: 'PRD-1', given: { itemId: 'PRD-1-1', action: 'accept', rule: 'lt(amount,5)' } as never, attempt,
    list: async () => ({ items, total: items.length }),
    create: async () => {
      creates += 1
      return rule
    },
    read: async () => rule
  })
  const old = { ...rule, id: 'RUL-1' }
  t.match(await run(after({ ids: 'RUL-1' }), [old, rule]), { id: 'RUL-2' }, 'the one that was not there before')
  await t.rejects(run(after({ ids: 'RUL-1' }), [old]), UNKNOWN)
  await t.rejects(run(after(null, true), [old]), UNKNOWN, 'nobody knows what was there before')
  await t.rejects(run(after({ ids: '' }, true), [old, rule]), UNKNOWN, 'two of them')
  t.equal(creates, 0)
  t.match(await run(after({ ids: 'RUL-1' }, true), [old]), { id: 'RUL-2' })
  t.equal(creates, 1)
})

t.test('a snapshot changes with the object, and not with links or counters', async (t) => {
  const file = fileOf('2026-11-21T10:00:00Z')
  t.ok(
    isSameSnapshot(
      fileSnapshot(file),
      fileSnapshot({ ...file, usage_file_uri: 'https://x/?sig=1', stats: { uploaded: 3 } } as ConnectFile)
    )
  )
  for (const change of [
    { status: 'ready' },
    { note: 'x' },
    { events: { ...file.events, uploaded: { at: '2026-11-21T11:00:00Z' } } },
    { sub_status: 'processing' },
    { acceptance_note: 'x' }
  ]) {
    const changed = fileSnapshot({ ...file, ...change } as ConnectFile)
    t.notOk(isSameSnapshot(fileSnapshot(file), changed), JSON.stringify(change))
  }
  t.notOk(isSameSnapshot(fileSnapshot(file), null), 'one that was never noted proves nothing')
  t.notMatch(
    JSON.stringify(
      fileSnapshot({ ...file, note: 'a private note', usage_file_uri: 'https://x/?sig=secret' } as ConnectFile)
    ),
    /private|secret|October/
  )
})
