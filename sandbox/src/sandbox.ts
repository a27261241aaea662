import type { SandboxOptions } from './options.ts'
import type { Ledger } from './ledger.ts'
import type { FaultBook } from './fault-book.ts'
import type { Links } from './links.ts'
import type { Store } from './state/store.ts'
import type { Tasks } from './state/tasks.ts'
import type { UploadFolder } from './upload-folder.ts'
import type { WebhookCalls } from './webhook-calls.ts'
import type { Actor, Event } from './state/types.ts'
import { toTimestamp } from './time.ts'

export interface Sandbox {
  options: SandboxOptions
  /** All objects of the sandbox. A reset replaces the store as a whole. */
  store: Store
  tasks: Tasks
  links: Links
  ledger: Ledger
  faults: FaultBook
  uploads: UploadFolder
  webhookCalls: WebhookCalls
}

export const nowOf = (sandbox: Sandbox): string => toTimestamp(sandbox.options.now())

export const eventBy = (sandbox: Sandbox, actor: Actor | null): Event =>
  ({ at: nowOf(sandbox), by: actor ? actor.user : null })
