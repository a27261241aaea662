import { once } from 'node:events'
import type { Test } from 'tap'
import { until } from '../helper.ts'
import { accepted, draft, header, ready, workbook } from '../../sandbox/test/stories.ts'
import { form } from '../../sandbox/test/helper.ts'
import type { Reply } from '../routes/idempotency/fixture.ts'
import { killed, POINTS, startFixture, type CrashFixture, type Service } from './fixture.ts'

export interface KillCase {
  /** Brings Connect as far as the write needs it; gives the write. */
  prepare: (fixture: CrashFixture) => Promise<(service: Service) => Promise<Reply>>
  /** What Connect must have got, once. */
  sent: RegExp
  expects: Partial<Reply>
  /** Before the send the operation was marked, so for these it cannot be told that nothing was sent. */
  unknownBeforeSend?: RegExp
}

let created = 0

export const KILL_CASES = {
  closingRecord: {
    prepare: async ({ connectVendor, connectProvider }) => {
      const file = await accepted(connectVendor, connectProvider)
      const { list } = await connectProvider('GET', `/usage/records?usagefile.id=${file}&limit=1`)
      return async ({ provider }) =>
        await provider('POST', `/usage-records/${list[0]?.id}/close`, 'once', { externalBillingId: 'INV-1' })
    },
    sent: /^POST \/usage\/records\/[\w-]+\/close$/,
    expects: { status: 200, json: { status: 'closed', externalBillingId: 'INV-1' } }
  },
  submitting: {
    prepare: async ({ connectVendor }) => {
      const file = await ready(connectVendor)
      return async ({ vendor }) => await vendor('POST', `/usage-files/${file}/submit`, 'once')
    },
    sent: /\/submit$/,
    expects: { status: 200, json: { status: 'pending' } }
  },
  upload: {
    prepare: async ({ connectVendor }) => {
      const file = await draft(connectVendor)
      const bytes = await workbook()
      return async ({ vendor }) => await vendor('POST', `/usage-files/${file}/upload`, 'once', form('file', bytes))
    },
    sent: /\/upload$/,
    expects: { status: 202 }
  },
  creating: {
    prepare: async () => {
      const externalId = `ONCE-${created += 1}`
      const body = {
        name: 'October',
        productId: header.product.id,
        contractId: header.contract.id,
        period: header.period,
        externalId
      }
      return async ({ vendor }) => await vendor('POST', '/usage-files', externalId, body)
    },
    sent: /^POST \/usage\/files$/,
    expects: { status: 201, json: { status: 'draft' } },
    unknownBeforeSend: /externalId "ONCE-\d"/
  }
} satisfies Record<string, KillCase>

/** Killed at each point of the write, the service is started again and asked the same with the same key. */
export async function testKills (t: Test, { prepare, sent, expects, unknownBeforeSend }: KillCase): Promise<void> {
  const fixture = await startFixture(t)
  for (const point of POINTS) {
    const write = await prepare(fixture)
    await fixture.writes()
    const first = await fixture.service({ crashAt: point })
    await t.rejects(write(first), `${point}: no answer`)
    await killed(first)
    const before = (await fixture.writes()).filter(one => sent.test(one)).length
    t.equal(before, point === 'before-claim' || point === 'before-send' ? 0 : 1, `${point}: what Connect got`)

    const second = await fixture.service()
    const answer = await write(second)
    if (point === 'before-send' && unknownBeforeSend !== undefined) {
      t.match(
        answer,
        { status: 504, json: { code: 'OUTCOME_UNKNOWN', detail: unknownBeforeSend } },
        `${point}: truthfully unknown`
      )
      t.same(await fixture.writes(), [], `${point}: and not sent`)
    } else {
      t.match(answer, expects, `${point}: the truth`)
      t.equal(before + (await fixture.writes()).filter(one => sent.test(one)).length, 1, `${point}: once`)
      const third = await write(second)
      t.match(third, { status: answer.status, text: answer.text })
      t.equal(third.headers.get('idempotency-replayed'), 'true', `${point}: and kept`)
      t.same(await fixture.writes(), [])
    }
    await stop(second)
  }
}

/** Two replicas on one Redis: the one that is killed leaves its work to the other. */
export async function testTakeover (t: Test, redisUrl: string): Promise<void> {
  const fixture = await startFixture(t, redisUrl)
  const survivor = await fixture.service({ leaseMs: 2_000 })
  for (const point of ['before-send', 'after-answer'] as const) {
    const write = await KILL_CASES.closingRecord.prepare(fixture)
    await fixture.writes()
    const first = await fixture.service({ crashAt: point, leaseMs: 2_000 })
    await t.rejects(write(first))
    await killed(first)
    t.match(
      await write(survivor),
      { status: 409, json: { code: 'IDEMPOTENCY_IN_FLIGHT' } },
      `${point}: nobody knows yet`
    )
    let answer: Reply | null = null
    await until(async () => (answer = await write(survivor)).status !== 409, 'the lease to end')
    t.match(answer, { status: 200, json: { status: 'closed', externalBillingId: 'INV-1' } }, point)
    t.equal((await fixture.writes()).filter(one => one.endsWith('/close')).length, 1, `${point}: once`)
  }
}

async function stop ({ process: { child } }: Service): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
