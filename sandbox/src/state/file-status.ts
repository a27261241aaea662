import { nowOf } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { seesFile } from './access.ts'
import type { FileStatus, UsageFile } from './types.ts'

/**
 * Changes the status of a file and calls the webhooks. So in a running sandbox all code that changes the status of a
 * file must call this function.
 */
export function setFileStatus (sandbox: Sandbox, file: UsageFile, status: FileStatus): void {
  file.status = status
  callWebhooks(sandbox, file)
}

/** Calls the active webhooks of the file's product whose account can see the file as it is now. */
export function callWebhooks (sandbox: Sandbox, file: UsageFile): void {
  for (const webhook of sandbox.store.webhooks.values()) {
    if (webhook.active && webhook.product === file.contract.product && seesFile(webhook.account, file)) {
      webhook.stats.events += 1
      webhook.lastEvent = nowOf(sandbox)
      sandbox.webhookCalls.add(webhook)
    }
  }
}
