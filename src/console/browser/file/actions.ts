import type { UsageClient, UsageFile } from '@connect-usage-bff/client'
import { hrefOf } from '../route.ts'

export type Action = UsageFile['actions'][number]

/** What a person must know before an action, and the request that does the action. */
export interface ActionRules {
  label: string
  /** Gives the text of the dialog: what the action does. */
  explain: (file: UsageFile) => string
  tone: 'primary' | 'danger' | ''
  /** The note to the other side (vendor or provider); absent where the action takes none. */
  note?: { label: string, isRequired: boolean }
  hasTotals?: true
  /** Gives the file as it is after the action; null when the file is deleted. */
  send: (client: UsageClient, fileId: string, note: string, idempotencyKey: string) => Promise<UsageFile | null>
}

/** The actions that have a page, or a part of this page, of their own: the words and the address of the link to it. */
export const LINKS = {
  upload: { label: 'Upload rows', href: fileId => hrefOf(['report', fileId]) },
  reconcile: { label: 'Reconcile', href: fileId => hrefOf(['files', fileId, 'reconciliations']) },
  'close-records': { label: 'Close records', href: fileId => hrefOf(['files', fileId, 'close']) }
} as const satisfies Readonly<Partial<Record<Action, { label: string, href: (fileId: string) => string }>>>

/** The actions whose dialog only asks, and takes a note at most. `update` has a dialog of its own. */
export type AskedAction = Exclude<Action, 'update' | keyof typeof LINKS>

const params = (fileId: string) => ({ path: { fileId } })

export const ACTIONS: Readonly<Record<AskedAction, ActionRules>> = {
  submit: {
    label: 'Submit',
    tone: 'primary',
    hasTotals: true,
    explain: ({ provider }) =>
      `The file goes to ${provider?.name ?? 'the provider'}, who accepts or rejects it. ` +
      'It cannot be changed until then.',
    send: async (client, fileId, _note, idempotencyKey) =>
      (await client.POST('/v1/usage-files/{fileId}/submit', { params: params(fileId), idempotencyKey })).data
  },
  accept: {
    label: 'Accept',
    tone: 'primary',
    hasTotals: true,
    note: { label: 'Note to the vendor', isRequired: false },
    explain: ({ vendor }) =>
      `The usage that ${vendor?.name ?? 'the vendor'} reports is accepted as a whole. Connect then makes a chunk for ` +
      'each hub, and the records can be billed and closed. This cannot be taken back.',
    send: async (client, fileId, note, idempotencyKey) => (await client.POST('/v1/usage-files/{fileId}/accept', {
      params: params(fileId), body: note === '' ? {} : { note }, idempotencyKey
    })).data
  },
  reject: {
    label: 'Reject',
    tone: 'danger',
    note: { label: 'Reason, for the vendor', isRequired: true },
    explain: ({ vendor }) =>
      `The file goes back to ${vendor?.name ?? 'the vendor'} with your reason. No record of it is billed.`,
    send: async (client, fileId, note, idempotencyKey) => (await client.POST('/v1/usage-files/{fileId}/reject', {
      params: params(fileId), body: { note }, idempotencyKey
    })).data
  },
  'approve-all': {
    label: 'Approve all records',
    tone: '',
    explain: () => 'Every record of the file that waits for a decision is approved.',
    send: async (client, fileId, _note, idempotencyKey) =>
      (await client.POST('/v1/usage-files/{fileId}/approve-all', { params: params(fileId), idempotencyKey })).data
  },
  close: {
    label: 'Close the file',
    tone: '',
    explain: () => 'The file is declared billed as a whole. A closed file stays closed.',
    send: async (client, fileId, _note, idempotencyKey) =>
      (await client.POST('/v1/usage-files/{fileId}/close', { params: params(fileId), idempotencyKey })).data
  },
  reprocess: {
    label: 'Make the processed workbook again',
    tone: '',
    explain: () => 'Connect writes the processed workbook of the file again. No record changes.',
    send: async (client, fileId, _note, idempotencyKey) =>
      (await client.POST('/v1/usage-files/{fileId}/reprocess', { params: params(fileId), idempotencyKey })).data
  },
  delete: {
    label: 'Delete',
    tone: 'danger',
    explain: () => 'The file and its rows are deleted. This cannot be taken back.',
    send: async (client, fileId, _note, idempotencyKey) => {
      await client.DELETE('/v1/usage-files/{fileId}', { params: params(fileId), idempotencyKey })
      return null
    }
  }
}

/** `action` may be any text: the tab stores the names of actions. */
export function isAsked (action: string): action is AskedAction {
  return Object.hasOwn(ACTIONS, action)
}

export function isLink (action: Action): action is keyof typeof LINKS {
  return Object.hasOwn(LINKS, action)
}
