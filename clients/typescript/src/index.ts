export { createUsageClient, UsageClient } from './client.ts'
export type {
  Billing, EventFilter, ReportToPublish, SendOptions, SignalOption, UploadOptions
} from './client.ts'
export { UsageApiError } from './errors.ts'
export type { Problem, UsageErrorCode } from './errors.ts'
export type { TableRow, TableSource } from './bodies.ts'
export type { RecordToClose } from './closing.ts'
export type { UsageEvent } from './events.ts'
export type { Progress } from './send.ts'
export { newKey } from './transport.ts'
export type { ClientOptions, Credential } from './transport.ts'
export type { components, operations, paths } from './document.ts'
export type {
  Answer, ItemOf, ReadRow, Reconciliation, RecordOutcome, RowOf, Schemas, UsageChunk, UsageFile, UsageRecord,
  UsageReport
} from './types.ts'
export type { Waited, WaitTarget } from './waiting.ts'
