import { nowOf } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { seesFile } from './access.ts'
import type { FileStatus, UsageFile } from './types.ts'

/** Changes the status of a file and calls the product's webhooks. A running sandbox changes it in no other way. */
export function setFileStatus (sandbox: Sandbox, file: UsageFile, status: FileStatus): void {
  file.status = status
  callWebhooks(sandbox, file)
}

/** Calls the webhooks of the accounts that see the file as it is now. */
export function callWebhooks (sandbox: Sandbox, file: UsageFile): void {
  for (const webhook of sandbox.store.webhooks.values()) {
    if (webhook.active && webhook.product === file.contract.product && seesFile(webhook.account, file)) {
      webhook.stats.events += 1
      webhook.lastEvent = nowOf(sandbox)
      sandbox.webhookCalls.add(webhook)
    }
  }
}
