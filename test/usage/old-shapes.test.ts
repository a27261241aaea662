import t from 'tap'
import { toReconciliation } from '../../src/usage/mapping/reconciliation.ts'
import { toUsageChunk } from '../../src/usage/mapping/usage-chunk.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'
import { toUsageRecord } from '../../src/usage/mapping/usage-record.ts'
import { toUsageRule } from '../../src/usage/mapping/usage-rule.ts'
import { conformsTo } from '../routes/validate-answer.ts'
import { PROVIDER, VENDOR } from '../credentials.ts'

const CREATED = { created_at: '2019-03-04T05:06:07+00:00', created_by: { id: 'UR-552-340-461', name: 'Dana' } }
const EVENT = { type: 'created', at: '2019-03-04T05:06:07Z', by: { id: 'UR-552-340-461', name: 'Dana' } }

t.test('the creation may be fields of the object instead of an event', async (t) => {
  const file = toUsageFile({ id: 'UF-1', ...CREATED }, VENDOR, 'list')
  t.ok(conformsTo('UsageFile', file))
  t.match(file, { createdAt: EVENT.at, updatedAt: EVENT.at, events: [EVENT] })
  t.match(toUsageChunk({ id: 'UFC-1', ...CREATED }, PROVIDER), { createdAt: EVENT.at, events: [EVENT] })
  t.match(toReconciliation({ id: 'RCF-1', ...CREATED }), { createdAt: EVENT.at, events: [EVENT] })
  const rule = toUsageRule({ id: 'UIR-1', ...CREATED, updated_at: '2019-03-05' } as object, 'PRD-1')
  t.match(rule, { createdAt: EVENT.at, updatedAt: '2019-03-05T00:00:00Z' })
})

t.test('the newer form is used when both are present, and events stay in order', async (t) => {
  const events = { created: { at: '2020-01-01T00:00:00Z' }, uploaded: { at: '2018-01-01T00:00:00Z' } }
  const file = toUsageFile({ id: 'UF-1', ...CREATED, events }, VENDOR, 'list')
  t.same(file.events.map(({ type, at }) => [type, at]), [
    ['uploaded', '2018-01-01T00:00:00Z'], ['created', '2020-01-01T00:00:00Z']
  ])
  t.same(toUsageFile({ id: 'UF-1', events: {}, created_at: 'yesterday' }, VENDOR, 'list').events, [])
})

t.test('the reason of a failure is read under its older name', async (t) => {
  t.equal(toUsageFile({ id: 'UF-1', error_details: 'No sheet.' }, VENDOR, 'list').errorDetail, 'No sheet.')
  const both = { id: 'UF-1', error_detail: 'New.', error_details: ['Old.'] }
  t.equal(toUsageFile(both, VENDOR, 'list').errorDetail, 'New.')
  t.equal(toUsageFile({ id: 'UF-1', error_details: ['A', 'B'] }, VENDOR, 'list').errorDetail, 'A; B')
  t.equal(toUsageChunk({ id: 'UFC-1', error_details: 'Late.' } as object, PROVIDER).errorDetail, 'Late.')
})

t.test('the reconciliation id of a subscription is read', async (t) => {
  t.equal(toUsageRecord({ id: 'UR-1', asset: { recon_id: '98547985' } }).asset.reconId, '98547985')
  t.equal(toUsageRecord({ id: 'UR-1', asset_recon_id: 'R-1' } as object).asset.reconId, 'R-1')
  t.equal(toUsageRecord({ id: 'UR-1' }).asset.reconId, null)
})
