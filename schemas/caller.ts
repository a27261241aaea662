import type { Static } from 'typebox'
import { Type } from 'typebox'
import { text, words } from './common.ts'

const SCOPES = ['usage:read', 'usage:write', 'usage:submit', 'usage:decide', 'usage:close', 'rules:write'] as const

export const CALLER_EXAMPLE = {
  id: 'acme-portal',
  account: { name: 'acme', connectId: 'VA-100-200', role: 'vendor' },
  scopes: ['usage:read', 'usage:write', 'usage:submit'],
  limits: { requestsPerMinute: 600, uploadMaxBytes: 104857600, rowsMax: 1048575 }
}

export const Caller = Type.Object(
  {
    id: Type.String({ description: 'The id of the caller in this service, as logs show it.' }),
    account: Type.Object(
      {
        name: Type.String({ description: 'The name of the account in this service.' }),
        connectId: text('The id of the account in Connect.', { examples: ['VA-100-200'] }),
        role: words(
          'Role', '`vendor`: reports usage. `provider`: decides on the usage, and bills.', ['vendor', 'provider'],
          { description: 'The role of the account in Connect.' }
        )
      },
      {
        title: 'CallerAccount', additionalProperties: false, description: 'The account of Connect that the caller uses.'
      }
    ),
    scopes: Type.Array(words('Scope', 'What a caller may do: see the description of each operation.', SCOPES), {
      description: 'What the caller may do. The description of each operation names the scope that the operation needs.'
    }),
    limits: Type.Object(
      {
        requestsPerMinute: Type.Integer({ description: 'The most requests in a minute. More are 429.' }),
        uploadMaxBytes: Type.Integer({ description: 'The most bytes in a workbook. More are 413.' }),
        rowsMax: Type.Integer({ description: 'The most rows in a table, in any form. More are 413.' })
      },
      { title: 'CallerLimits', additionalProperties: false, description: 'What this service takes from the caller.' }
    )
  },
  {
    $id: 'Caller',
    additionalProperties: false,
    description: 'The sender of the request: its account, and what the sender may do.',
    examples: [CALLER_EXAMPLE]
  }
)
export type Caller = Static<typeof Caller>
export const CallerRef = Type.Unsafe<Caller>(Type.Ref('Caller'))
