import { Readable } from 'node:stream'
import type { CallContext, ConnectClient } from '../../src/connect/client.ts'
import { draft, MULTIPART } from './operations-fixture.ts'

type Call = (client: ConnectClient, ctx: CallContext) => Promise<unknown>

interface Row {
  readonly name: string
  readonly call: Call
  readonly sends: string
  readonly body?: unknown
  readonly answer?: 'list' | 'file' | 'multipart'
}

const upload = () => ({ stream: Readable.from([Buffer.from('parts')]), length: 5, contentType: MULTIPART })
const billing = { external_billing_id: 'B-1', external_billing_note: 'note' }

export const TABLE: readonly Row[] = [
  { name: 'usageFiles.list', call: (c, x) => c.usageFiles.list({}, x), sends: 'GET /usage/files', answer: 'list' },
  { name: 'usageFiles.create', call: (c, x) => c.usageFiles.create(draft, x), sends: 'POST /usage/files', body: draft },
  { name: 'usageFiles.get', call: (c, x) => c.usageFiles.get('UF-1', x), sends: 'GET /usage/files/UF-1' },
  {
    name: 'usageFiles.update',
    call: (c, x) => c.usageFiles.update('UF-1', { note: null }, x),
    sends: 'PUT /usage/files/UF-1',
    body: { note: null }
  },
  {
    name: 'usageFiles.upload',
    call: (c, x) => c.usageFiles.upload('UF-1', upload(), x),
    sends: 'POST /usage/files/UF-1/upload',
    answer: 'multipart'
  },
  {
    name: 'usageFiles.submit',
    call: (c, x) => c.usageFiles.submit('UF-1', x),
    sends: 'POST /usage/files/UF-1/submit'
  },
  {
    name: 'usageFiles.accept',
    call: (c, x) => c.usageFiles.accept('UF-1', { acceptance_note: 'ok' }, x),
    sends: 'POST /usage/files/UF-1/accept',
    body: { acceptance_note: 'ok' }
  },
  {
    name: 'usageFiles.reject',
    call: (c, x) => c.usageFiles.reject('UF-1', { rejection_note: 'no' }, x),
    sends: 'POST /usage/files/UF-1/reject',
    body: { rejection_note: 'no' }
  },
  { name: 'usageFiles.close', call: (c, x) => c.usageFiles.close('UF-1', x), sends: 'POST /usage/files/UF-1/close' },
  { name: 'usageFiles.delete', call: (c, x) => c.usageFiles.delete('UF-1', x), sends: 'POST /usage/files/UF-1/delete' },
  {
    name: 'usageFiles.reprocess',
    call: (c, x) => c.usageFiles.reprocess('UF-1', x),
    sends: 'POST /usage/files/UF-1/reprocess'
  },
  {
    name: 'usageFiles.approveAll',
    call: (c, x) => c.usageFiles.approveAll('UF-1', x),
    sends: 'PUT /usage/files/UF-1/approve-all'
  },
  {
    name: 'usageFiles.reconcile',
    call: (c, x) => c.usageFiles.reconcile('UF-1', upload(), x),
    sends: 'POST /usage/files/UF-1/reconciliation',
    answer: 'multipart'
  },
  {
    name: 'usageFiles.categories',
    call: (c, x) => c.usageFiles.categories('UF-1', {}, x),
    sends: 'GET /usage/files/UF-1/categories',
    answer: 'list'
  },
  {
    name: 'usageRecords.list',
    call: (c, x) => c.usageRecords.list({}, x),
    sends: 'GET /usage/records',
    answer: 'list'
  },
  { name: 'usageRecords.get', call: (c, x) => c.usageRecords.get('UR-1', x), sends: 'GET /usage/records/UR-1' },
  {
    name: 'usageRecords.update',
    call: (c, x) => c.usageRecords.update('UR-1', { status: 'approved' }, x),
    sends: 'PUT /usage/records/UR-1',
    body: { status: 'approved' }
  },
  {
    name: 'usageRecords.close',
    call: (c, x) => c.usageRecords.close('UR-1', billing, x),
    sends: 'POST /usage/records/UR-1/close',
    body: billing
  },
  {
    name: 'usageRecords.bulkClose',
    call: (c, x) => c.usageRecords.bulkClose([{ id: 'UR-1', ...billing }], x),
    sends: 'POST /usage/records/close-records',
    body: [{ id: 'UR-1', ...billing }],
    answer: 'list'
  },
  { name: 'usageChunks.list', call: (c, x) => c.usageChunks.list({}, x), sends: 'GET /usage/chunks', answer: 'list' },
  { name: 'usageChunks.get', call: (c, x) => c.usageChunks.get('UFC-1', x), sends: 'GET /usage/chunks/UFC-1' },
  {
    name: 'usageChunks.update',
    call: (c, x) => c.usageChunks.update('UFC-1', { external_id: 'e' }, x),
    sends: 'PUT /usage/chunks/UFC-1',
    body: { external_id: 'e' }
  },
  {
    name: 'usageChunks.close',
    call: (c, x) => c.usageChunks.close('UFC-1', billing, x),
    sends: 'POST /usage/chunks/UFC-1/close',
    body: billing
  },
  {
    name: 'usageChunks.regenerate',
    call: (c, x) => c.usageChunks.regenerate('UFC-1', x),
    sends: 'POST /usage/chunks/UFC-1/regenerate'
  },
  {
    name: 'usageChunks.download',
    call: (c, x) => c.usageChunks.download('UFC-1', x),
    sends: 'GET /usage/chunks/UFC-1/download',
    answer: 'file'
  },
  {
    name: 'reconciliations.list',
    call: (c, x) => c.reconciliations.list({}, x),
    sends: 'GET /usage/reconciliations',
    answer: 'list'
  },
  {
    name: 'reconciliations.create',
    call: (c, x) => c.reconciliations.create(upload(), x),
    sends: 'POST /usage/reconciliations',
    answer: 'multipart'
  },
  {
    name: 'reconciliations.get',
    call: (c, x) => c.reconciliations.get('RCF-1', x),
    sends: 'GET /usage/reconciliations/RCF-1'
  },
  {
    name: 'reconciliations.downloadProcessed',
    call: (c, x) => c.reconciliations.downloadProcessed('RCF-1', x),
    sends: 'GET /usage/reconciliations/RCF-1/processedfile',
    answer: 'file'
  },
  {
    name: 'reconciliations.downloadUploaded',
    call: (c, x) => c.reconciliations.downloadUploaded('RCF-1', x),
    sends: 'GET /usage/reconciliations/RCF-1/uploadedfile',
    answer: 'file'
  },
  { name: 'aggregates.list', call: (c, x) => c.aggregates.list({}, x), sends: 'GET /usage/aggregates', answer: 'list' },
  {
    name: 'aggregates.listForAsset',
    call: (c, x) => c.aggregates.listForAsset('AS-1', {}, x),
    sends: 'GET /assets/AS-1/usage/aggregates',
    answer: 'list'
  },
  { name: 'templates.get', call: (c, x) => c.templates.get('PRD-1', x), sends: 'GET /usage/products/PRD-1/template' },
  {
    name: 'rules.list',
    call: (c, x) => c.rules.list('PRD-1', {}, x),
    sends: 'GET /products/PRD-1/usage/rules',
    answer: 'list'
  },
  {
    name: 'rules.create',
    call: (c, x) => c.rules.create('PRD-1', { item: { id: 'I' }, action: 'accept', rule: 'r', status: 'active' }, x),
    sends: 'POST /products/PRD-1/usage/rules',
    body: { item: { id: 'I' }, action: 'accept', rule: 'r', status: 'active' }
  },
  {
    name: 'rules.get',
    call: (c, x) => c.rules.get('PRD-1', 'UIR-1', x),
    sends: 'GET /products/PRD-1/usage/rules/UIR-1'
  },
  {
    name: 'rules.update',
    call: (c, x) => c.rules.update('PRD-1', 'UIR-1', { gravity: { after: 'UIR-2' } }, x),
    sends: 'PUT /products/PRD-1/usage/rules/UIR-1',
    body: { gravity: { after: 'UIR-2' } }
  },
  {
    name: 'rules.delete',
    call: (c, x) => c.rules.delete('PRD-1', 'UIR-1', x),
    sends: 'DELETE /products/PRD-1/usage/rules/UIR-1'
  },
  { name: 'catalogue.products', call: (c, x) => c.catalogue.products({}, x), sends: 'GET /products', answer: 'list' },
  {
    name: 'catalogue.items',
    call: (c, x) => c.catalogue.items('PRD-1', {}, x),
    sends: 'GET /products/PRD-1/items',
    answer: 'list'
  },
  { name: 'catalogue.assets', call: (c, x) => c.catalogue.assets({}, x), sends: 'GET /assets', answer: 'list' },
  { name: 'catalogue.listings', call: (c, x) => c.catalogue.listings({}, x), sends: 'GET /listings', answer: 'list' }
]
