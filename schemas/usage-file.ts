import type { Static } from 'typebox'
import { Type } from 'typebox'
import { CategoryRef } from './category.ts'
import {
  Events,
  Period,
  Stats,
  Time,
  UsageSchema,
  counter,
  iconReference,
  nullable,
  reference,
  text,
  words
} from './common.ts'
import { fileId } from './patterns.ts'
import { ReconciliationRef } from './reconciliation.ts'
import { UsageChunkRef } from './usage-chunk.ts'

export const FILE_STATUSES = [
  'draft',
  'uploading',
  'uploaded',
  'processing',
  'invalid',
  'ready',
  'pending',
  'accepted',
  'rejected',
  'closed',
  'deleted'
] as const
export const FILE_ACTIONS = [
  'update',
  'upload',
  'submit',
  'delete',
  'accept',
  'reject',
  'approve-all',
  'reconcile',
  'reprocess',
  'close-records',
  'close'
] as const

/** The `operationId` of the operation for each action on a file. */
export const FILE_ACTION_OPERATIONS = {
  update: 'updateUsageFile',
  upload: 'uploadUsageFile',
  submit: 'submitUsageFile',
  delete: 'deleteUsageFile',
  accept: 'acceptUsageFile',
  reject: 'rejectUsageFile',
  'approve-all': 'approveAllUsageRecords',
  reconcile: 'reconcileUsageFile',
  reprocess: 'reprocessUsageFile',
  'close-records': 'closeUsageFileRecords',
  close: 'closeUsageFile'
} as const satisfies Record<typeof FILE_ACTIONS[number], string>

export const ENVIRONMENTS = ['test', 'preview', 'production'] as const
export const FILE_SORTS = [
  'id',
  'status',
  'schema',
  'environment',
  'createdAt',
  'productName',
  'contractName',
  'marketplaceName',
  'vendorName',
  'providerName'
] as const
export const FILE_PARTS = ['categories', 'chunks', 'reconciliations'] as const

export const fileStatus = words(
  'UsageFileStatus',
  '`draft`: has no workbook. `uploading`, `uploaded`, `processing`: Connect receives and checks the workbook. ' +
  '`invalid`: the workbook has errors. `ready`: can be submitted. `pending`: waits for the decision of the provider. ' +
  '`accepted`, `rejected`: the provider has decided. `closed`: billed. `deleted`: the vendor deleted it.',
  FILE_STATUSES
)
export const fileAction = words(
  'UsageFileAction',
  `Each action with its operation: ${
    Object.entries(FILE_ACTION_OPERATIONS).map(([action, id]) => `\`${action}\` (\`${id}\`)`).join(', ')}.`,
  FILE_ACTIONS
)
export const environment = words('UsageEnvironment', 'Kind of the subscriptions in the file.', ENVIRONMENTS)
export const filePart = words('UsageFilePart', 'A part of a file that `include` asks for.', FILE_PARTS)

const ICON = 'https://api.connect.cloudblue.com/media/PRD-276-377-545/logo.png'
const CREATED = {
  type: 'created',
  at: '2026-11-02T09:15:00.120000Z',
  by: { id: 'SU-100-200-300', name: 'Vendor integration' }
}
const UPLOADED = {
  type: 'uploaded',
  at: '2026-11-02T09:16:10.870000Z',
  by: { id: 'SU-100-200-300', name: 'Vendor integration' }
}

export const USAGE_FILE_EXAMPLE = {
  id: 'UF-2026-09-1512-0016',
  name: 'Cloud usage October',
  description: 'All subscriptions',
  note: null,
  externalId: 'acme-2026-10',
  status: 'ready',
  subStatus: 'processed',
  environment: 'production',
  schema: 'cr',
  currency: 'EUR',
  period: { from: '2026-10-01T00:00:00Z', to: '2026-10-31T23:59:59Z' },
  product: { id: 'PRD-276-377-545', name: 'Acme Cloud', icon: ICON },
  contract: { id: 'CRD-10000-20000-30000', name: 'Distribution Europe' },
  marketplace: { id: 'MP-69876', name: 'Europe', icon: null },
  vendor: { id: 'VA-100-200', name: 'Acme', icon: null },
  provider: { id: 'PA-400-500', name: 'Northwind Distribution', icon: null },
  acceptanceNote: null,
  rejectionNote: null,
  errorDetail: null,
  stats: { uploaded: 12, validated: 12, pending: 0, accepted: 0, closed: 0, billed: 0 },
  records: { valid: 12, invalid: 0, closed: 0, openRecords: 12 },
  events: [CREATED, UPLOADED],
  actions: ['update', 'upload', 'submit', 'delete'],
  files: {
    uploaded: '/v1/usage-files/UF-2026-09-1512-0016/files/uploaded',
    processed: '/v1/usage-files/UF-2026-09-1512-0016/files/processed',
    reconciliation: null
  },
  createdAt: CREATED.at,
  updatedAt: UPLOADED.at
}

/** Gives the example of a usage file with this status and these actions, for the OpenAPI document. */
export const fileExample = (status: string, actions: readonly string[]): object => ({
  ...USAGE_FILE_EXAMPLE,
  status,
  actions
})

const part = (what: string) =>
  `${what}, when \`include\` asks for them; null when they could not be had, and \`warnings\` says why.`

export const UsageFile = Type.Object(
  {
    id: Type.String({ description: 'Id of the usage file.', examples: ['UF-2026-09-1512-0016'] }),
    name: text('Name of the file.'),
    description: text('Description of the file.'),
    note: text("The vendor's own note; null for providers."),
    externalId: text("The vendor's own id of the report."),
    status: nullable({
      ...fileStatus,
      description: 'Where the file stands; null when Connect sent a status that this service does not know.'
    }),
    subStatus: nullable(
      words('UsageFileSubStatus', 'Whether Connect still makes the processed workbook.', ['processing', 'processed'], {
        description: 'Whether Connect still makes the processed workbook. Null in lists.'
      })
    ),
    environment: nullable(environment),
    schema: UsageSchema,
    currency: text('ISO 4217 code of the amounts; null for quantity reports.', { examples: ['EUR'] }),
    period: Period,
    product: iconReference('The product used.'),
    contract: reference('The distribution contract.'),
    marketplace: iconReference('Where the product was sold.'),
    vendor: iconReference('Who reports.'),
    provider: iconReference('Who bills.'),
    acceptanceNote: text("The provider's word on accepting."),
    rejectionNote: text("The provider's reason for rejecting."),
    errorDetail: text('What is wrong with the workbook as a whole.'),
    stats: Stats,
    records: nullable(
      Type.Object(
        {
          valid: counter('Valid records.'),
          invalid: counter('Invalid records.'),
          closed: counter('Closed records.'),
          openRecords: counter(
            'Records that a close of the file would close without a billing id: valid, neither closed nor rejected. ' +
            'Connect counts closed and rejected records as valid too, so this is `valid` minus `closed`, and at most ' +
            'the `stats` of records that are validated, pending or accepted.'
          )
        },
        { title: 'UsageRecordCounts', description: 'Records by outcome. Null in lists.', additionalProperties: false }
      )
    ),
    events: Events,
    actions: Type.Array(fileAction, {
      description:
        'What this caller may do with the file now, by its status, the counters of the file, and the role and the ' +
        'scopes of the caller. Connect decides in the end.'
    }),
    files: nullable(
      Type.Object(
        {
          uploaded: text('Path of the uploaded workbook in this API; null when it does not exist.'),
          processed: text("Path of Connect's processed workbook in this API; null when it does not exist."),
          reconciliation: text('Path of the reconciliation workbook in this API; null when it does not exist.')
        },
        {
          title: 'UsageFileWorkbooks',
          description: 'Where its workbooks are. Null in lists.',
          additionalProperties: false
        }
      )
    ),
    createdAt: Time('When it was created.'),
    updatedAt: Time('When the last event happened.'),
    categories: Type.Optional(nullable(Type.Array(CategoryRef, { description: part('Its categories') }))),
    chunks: Type.Optional(nullable(Type.Array(UsageChunkRef, { description: part('Its chunks') }))),
    reconciliations: Type.Optional(
      nullable(Type.Array(ReconciliationRef, { description: part('Its reconciliations') }))
    ),
    warnings: Type.Optional(
      Type.Array(
        Type.Object(
          {
            part: { ...filePart, description: 'The part that is missing.' },
            code: Type.String({ description: 'The error code that asking for it alone would have answered.' }),
            message: Type.String({ description: 'Why it is missing.' })
          },
          { title: 'UsageFileWarning', additionalProperties: false, description: 'A part that could not be read.' }
        ),
        { description: 'Parts that could not be had, when `include` asks for any.' }
      )
    )
  },
  {
    $id: 'UsageFile',
    additionalProperties: false,
    description: 'A usage report: its header, where it stands and what may be done with it.',
    examples: [USAGE_FILE_EXAMPLE]
  }
)
export type UsageFile = Static<typeof UsageFile>
export const UsageFileRef = Type.Unsafe<UsageFile>(Type.Ref('UsageFile'))

export type FileStatus = typeof FILE_STATUSES[number]
export type FileAction = typeof FILE_ACTIONS[number]
export type FilePart = typeof FILE_PARTS[number]

export const UsageFileParams = Type.Object({
  fileId
}, { additionalProperties: false })
