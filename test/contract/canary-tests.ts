import type { Test } from 'tap'
import { SCOPES_BY_ROLE, type Role, type Scope } from '../../src/credentials/callers.ts'
import { mapAtMost } from '../../src/limits/semaphore.ts'
import { webhookToken } from '../credentials.ts'
import { operationsOf, type NamedOperation } from './document.ts'
import { document, keyOf, MARKS, roles, storage, storageSaw, tokens } from './canary-marks.ts'
import { CONNECT } from './canary-connect.ts'
import { startFixture } from './canary-fixture.ts'
import { STORAGE } from './canary-storage.ts'

export const operations = operationsOf(document)

const scopeOf = ({ operation }: NamedOperation): Scope | null =>
  (operation.security?.[0]?.['partnerKey']?.[0] ?? null) as Scope | null
export const roleOf = (one: NamedOperation): Role =>
  roles.find(role => SCOPES_BY_ROLE[role].includes(scopeOf(one) ?? 'usage:read')) ?? 'vendor'

/** So many requests at once do not fill the pools, whose refusals would hide what is to be seen. */
export const AT_ONCE = 8

/** Asks each operation while Connect behaves as `name` says, and looks for secrets in all that the service tells. */
export async function testConnect (t: Test, name: string): Promise<void> {
  const fixture = await startFixture(t, CONNECT[name]!)
  storage.serve = STORAGE['works']!
  const asked = new Set<string>()
  const refused: string[] = []
  t.ok(operations.length > 40, 'all operations of the document')
  await mapAtMost(operations, AT_ONCE, async (one) => {
    const role = roleOf(one)
    const credentials: Record<string, string>[] = one.operation.operationId === 'receiveConnectWebhook'
      ? Array(2).fill({ authorization: `Bearer ${webhookToken(undefined, MARKS.webhook)}` })
      : [{ 'x-api-key': keyOf(role) }, { authorization: `Bearer ${tokens[role]}` }]
    for (const headers of name === 'works' ? credentials : credentials.slice(asked.size % 2, asked.size % 2 + 1)) {
      const status = await fixture.ask(one, headers)
      asked.add(one.operation.operationId ?? '')
      if (status === 401 || (status === 403 && name !== 'forbids')) {
        refused.push(`${one.operation.operationId} ${status}`)
      }
      // The file of the report holds other rows, which the service has read.
      const isRead = one.operation.operationId === 'publishUsageReport' && status === 409
      if (name === 'works' && status >= 400 && !isRead) refused.push(`${one.operation.operationId} ${status}`)
    }
  })
  t.equal(asked.size, operations.length)
  t.same(refused, [], 'each was really asked')
  await fixture.verify()
}

/** Asks for each download while the storage behaves as `name` says. */
export async function testStorage (t: Test, name: string): Promise<void> {
  const fixture = await startFixture(t, CONNECT['works']!)
  storage.serve = STORAGE[name]!
  const downloads = operations.filter(({ operation }) => operation.operationId?.startsWith('download'))
  t.ok(downloads.length >= 6)
  await mapAtMost(downloads, AT_ONCE, async (one) => {
    await fixture
      .ask(one, {
        'x-api-key': keyOf(roleOf(one)),
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      })
      .catch(() => {})
  })
  t.ok(storageSaw.length >= 4, 'the links were followed')
  await fixture.verify()
}
