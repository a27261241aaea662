import t from 'tap'
import { FILE_STATUSES, type FileAction, type FileStatus } from '../../schemas/usage-file.ts'
import type { Role } from '../../src/credentials/callers.ts'
import { chunkActions, fileActions } from '../../src/usage/actions.ts'

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

t.test('what each role may do with a file in each status', async (t) => {
  for (const status of FILE_STATUSES) {
    for (const role of ['vendor', 'provider'] as const) {
      t.same(fileActions(status, role), EXPECTED[status][role], `${status}, ${role}`)
    }
  }
  t.same(fileActions(null, 'vendor'), [], 'a status that nobody knows')
})

t.test('chunks are the provider\'s', async (t) => {
  t.same(chunkActions('ready', 'provider'), ['update', 'close', 'regenerate'])
  t.same(chunkActions('closed', 'provider'), ['update'])
  t.same(chunkActions('draft', 'provider'), ['update', 'regenerate'])
  t.same(chunkActions('failed', 'provider'), ['update', 'regenerate'])
  t.same(chunkActions('ready', 'vendor'), [])
  t.same(chunkActions(null, 'provider'), [])
})
