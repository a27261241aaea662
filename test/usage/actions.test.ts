import { readFileSync } from 'node:fs'
import t from 'tap'
import { CHUNK_ACTIONS, CHUNK_STATUSES } from '../../schemas/usage-chunk.ts'
import {
  FILE_ACTION_OPERATIONS, FILE_ACTIONS, FILE_STATUSES, type FileAction, type FileStatus
} from '../../schemas/usage-file.ts'
import { SCOPES, SCOPES_BY_ROLE, type Role, type Scope } from '../../src/credentials/callers.ts'
import { chunkActions, fileActions } from '../../src/usage/actions.ts'
import { actionsOf } from '../../src/usage/mapping/usage-file.ts'
import { PROVIDER, VENDOR } from '../credentials.ts'
import { documentOf, operationsOf } from '../contract/document.ts'
import { tableRows } from '../contract/markdown.ts'
import { makeApp } from '../helper.ts'
import { fakeConnect } from '../routes/fake-connect.ts'

const LEFT = { toApprove: true, toClose: true }

const EXPECTED: Readonly<Record<FileStatus, Readonly<Record<Role, readonly FileAction[]>>>> = {
  draft: { vendor: ['update', 'upload', 'delete'], provider: [] },
  uploading: { vendor: ['update'], provider: [] },
  uploaded: { vendor: ['update', 'submit'], provider: [] },
  processing: { vendor: ['update'], provider: [] },
  invalid: { vendor: ['update', 'upload', 'delete'], provider: [] },
  ready: { vendor: ['update', 'upload', 'submit', 'delete'], provider: [] },
  pending: { vendor: [], provider: ['accept', 'reject', 'approve-all'] },
  accepted: { vendor: [], provider: ['approve-all', 'reconcile', 'reprocess', 'close-records', 'close'] },
  rejected: { vendor: ['update', 'upload', 'delete'], provider: [] },
  closed: { vendor: [], provider: ['reconcile', 'reprocess', 'close-records'] },
  deleted: { vendor: [], provider: [] }
}

t.test('docs/api.md names the operation and the statuses of each action', async (t) => {
  const rows = tableRows(readFileSync('docs/api.md', 'utf8'), 'Actions')
    .map(row => row.map(cell => cell.replaceAll('`', '')))
  const statusesOf = (cell = ''): string[] => cell.split(';')[0]!.split(', ').sort()
  t.same(
    rows.slice(0, FILE_ACTIONS.length).map(([action = '', id, cell]) => [action, id, statusesOf(cell)]),
    FILE_ACTIONS.map(action => [
      action,
      FILE_ACTION_OPERATIONS[action],
      FILE_STATUSES.filter(status => Object.values(EXPECTED[status]).flat().includes(action)).sort()
    ])
  )
  t.same(
    rows.slice(FILE_ACTIONS.length).map(([action = '', id, cell]) => [action, id, statusesOf(cell)]),
    CHUNK_ACTIONS.map(action => [
      action,
      `${action}UsageChunk`,
      CHUNK_STATUSES.filter(status => chunkActions(status, PROVIDER).includes(action)).sort()
    ])
  )
})

t.test('each role has the documented actions in each status', async (t) => {
  for (const status of FILE_STATUSES) {
    for (const role of ['vendor', 'provider'] as const) {
      const actor = { role, scopes: SCOPES_BY_ROLE[role] }
      t.same(fileActions(status, actor, LEFT), EXPECTED[status][role], `${status}, ${role}`)
    }
  }
  t.same(fileActions(null, VENDOR, LEFT), [], 'a status that nobody knows')
})

t.test('only a provider has actions on chunks', async (t) => {
  t.same(chunkActions('ready', PROVIDER), ['update', 'close', 'regenerate'])
  t.same(chunkActions('closed', PROVIDER), ['update'])
  t.same(chunkActions('draft', PROVIDER), ['update', 'regenerate'])
  t.same(chunkActions('failed', PROVIDER), ['update', 'regenerate'])
  t.same(chunkActions('ready', VENDOR), [])
  t.same(chunkActions(null, PROVIDER), [])
})

t.test('a caller sees only the actions that its scopes allow', async (t) => {
  const { app } = await makeApp(t, { connect: fakeConnect({}).connect })
  const document = await documentOf(app)
  const operations = operationsOf(document).map(({ operation }) => operation)
  const { description = '' } = document.components.schemas['UsageFileAction'] as { description?: string }
  for (const action of FILE_ACTIONS) {
    const operationId = FILE_ACTION_OPERATIONS[action]
    t.match(description, `\`${action}\` (\`${operationId}\`)`)
    const operation = operations.find(one => one.operationId === operationId)
    const scope = SCOPES.filter(one => operation?.description?.includes(`\`${one}\``))
    t.equal(scope.length, 1, `${operationId} names its scope`)
    const shownTo = (scopes: readonly Scope[]): boolean => FILE_STATUSES.some(status =>
      (['vendor', 'provider'] as const).some(role => fileActions(status, { role, scopes }, LEFT).includes(action)))
    t.ok(shownTo(scope), `${action} with ${scope.join()}`)
    t.notOk(shownTo(SCOPES.filter(one => !scope.includes(one))), `${action} without ${scope.join()}`)
  }
  t.same(chunkActions('ready', { role: 'provider', scopes: ['usage:read', 'usage:decide'] }), [])
})

t.test('an action on records is shown only while records are left for it', async (t) => {
  const shown = (status: string, counters: object): string =>
    actionsOf({ id: 'UF-1', status, ...counters }, PROVIDER)
      .filter(action => action === 'approve-all' || action === 'close-records').join(' ')
  const records = (valid: number, invalid: number, closed: number): object => ({ valid, invalid, closed })
  for (const [status, counters, expected] of [
    // A detail has both counters, a list only stats. Connect leaves out counters, or sends none.
    ['accepted', {}, 'approve-all close-records'],
    ['accepted', { stats: {}, records: {} }, 'approve-all close-records'],
    ['accepted', { stats: { uploaded: 3, accepted: 3 }, records: records(3, 0, 0) }, 'close-records'],
    ['accepted', { stats: { uploaded: 3, accepted: 2 }, records: records(3, 0, 0) }, 'approve-all close-records'],
    ['accepted', { stats: { uploaded: 5, accepted: 2, closed: 1 }, records: records(3, 2, 1) }, 'close-records'],
    ['accepted', { stats: { uploaded: 3, closed: 3 }, records: records(3, 0, 3) }, ''],
    ['accepted', { stats: { uploaded: 3, closed: 3 } }, ''],
    ['accepted', { stats: { uploaded: 3, accepted: 1, closed: 2 } }, 'close-records'],
    ['accepted', { stats: { uploaded: 3, pending: 3 } }, 'approve-all close-records'],
    ['pending', { stats: { uploaded: 3, pending: 3 }, records: records(3, 0, 0) }, 'approve-all'],
    ['closed', { stats: { uploaded: 2, closed: 2 }, records: records(2, 0, 2) }, ''],
    ['closed', { stats: { uploaded: 2, closed: 1, accepted: 1 }, records: records(2, 0, 1) }, 'close-records'],
    ['closed', { records: records(0, 2, 0) }, '']
  ] as const) t.equal(shown(status, counters), expected, `${status} ${JSON.stringify(counters)}`)
})
