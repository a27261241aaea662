/**
 * The two APIs that the bench calls: this service's, and Connect's, which the peers pass on. Each has its paths,
 * credentials and right answers.
 */
import assert from 'node:assert/strict'
import { keyOf } from '../contenders/service.js'
import { DETAIL_ID, detail, fileIdOf, listItem } from '../upstream/data.js'

/** The API of this service, called by a provider (uploads by a vendor). */
export const SERVICE = {
  detailPath: `/v1/usage-files/${DETAIL_ID}`,
  listPath: count => `/v1/usage-files?limit=${count}`,
  uploadPath: `/v1/usage-files/${DETAIL_ID}/upload`,
  uploadField: 'file',
  headers: { 'x-api-key': keyOf('provider') },
  uploadHeaders: n => ({ 'x-api-key': keyOf('vendor', n) }),
  isDetail: answer => assert.deepEqual(answer, expectedFile(detail(), true)),
  isList: (answer, count) =>
    assert.deepEqual(answer, {
      items: Array.from({ length: count }, (_, n) => expectedFile(listItem(fileIdOf(n), n), false)),
      total: count,
      limit: count,
      offset: 0
    })
}

/** Connect's API. */
export const CONNECT = {
  detailPath: `/public/v1/usage/files/${DETAIL_ID}`,
  listPath: count => `/public/v1/usage/files?limit=${count}`,
  uploadPath: `/public/v1/usage/files/${DETAIL_ID}/upload`,
  uploadField: 'usage_file',
  headers: { authorization: 'ApiKey SU-100-200-300:bench' },
  uploadHeaders: () => ({ authorization: 'ApiKey SU-100-200-300:bench' }),
  isDetail: answer => assert.deepEqual(answer, detail()),
  isList: (answer, count) => assert.deepEqual(answer, Array.from({ length: count }, (_, n) => listItem(fileIdOf(n), n)))
}

/** Connect's icons are paths of its own pages, which are addresses for nobody else. */
const iconless = reference => ({ ...reference, icon: null })

/** How this service shows a file of bench/upstream/data.js. Uses no code of the service. */
function expectedFile (file, isDetail) {
  const utc = at => at.replace('+00:00', 'Z')
  const path = name => `/v1/usage-files/${file.id}/files/${name}`
  return {
    id: file.id,
    name: file.name,
    description: file.description,
    note: file.note,
    externalId: file.external_id,
    status: 'closed',
    subStatus: null,
    environment: 'production',
    schema: 'cr',
    currency: 'USD',
    period: { from: utc(file.period.from), to: utc(file.period.to) },
    product: iconless(file.product),
    contract: file.contract,
    marketplace: iconless(file.marketplace),
    vendor: iconless(file.vendor),
    provider: iconless(file.provider),
    acceptanceNote: file.acceptance_note,
    rejectionNote: null,
    errorDetail: null,
    stats: file.stats,
    records: isDetail ? { ...file.records, openRecords: file.records.valid - file.records.closed } : null,
    events: Object.entries(file.events).map(([type, { at, by }]) => ({ type, at: utc(at), by })),
    actions: ['reconcile', 'reprocess', 'close-records'],
    files: isDetail ? { uploaded: path('uploaded'), processed: path('processed'), reconciliation: null } : null,
    createdAt: utc(file.events.created.at),
    updatedAt: utc(file.events.closed.at)
  }
}

/** Gives one answer as JSON, and its length in bytes, which later answers must have. */
export async function ask (origin, path, headers) {
  const response = await fetch(origin + path, { headers })
  const text = await response.text()
  assert.equal(response.status, 200, `${path}: ${response.status} ${text.slice(0, 300)}`)
  return { value: JSON.parse(text), bytes: Buffer.byteLength(text) }
}
