import { readFile } from 'node:fs/promises'
import t from 'tap'
import { FILE_STATUSES } from '../../schemas/usage-file.ts'
import { SCOPES_BY_ROLE } from '../../src/credentials/callers.ts'
import { asProvider, asVendor, startBoth, textOf } from '../helper.ts'
import { documentOf, follow, operationsOf, type Document, type Media, type NamedOperation } from './document.ts'

const WORKBOOK = 'sandbox/samples/usage.xlsx'

interface Sent { type: string | null, body: FormData | string | undefined }

t.test('every example that Swagger UI sends is answered as documented, all in turn on one fresh sandbox', async (t) => {
  const { app, origin } = await startBoth(t, { seed: 'full' })
  const document = await documentOf(app)
  let sentExamples = 0
  for (const one of operationsOf(document)) {
    // Swagger UI cannot sign a token as Connect does.
    if (one.operation.operationId === 'receiveConnectWebhook') continue
    const { operationId = '', responses } = one.operation
    for (const { type, body } of await bodiesOf(document, one)) {
      const response = await fetch(origin + addressOf(one), {
        method: one.method,
        headers: { ...credentialFor(one), ...(type !== null && { 'content-type': type }) },
        ...(body !== undefined && { body })
      })
      const text = await textOf(response)
      // As JSON, because the bytes of a workbook would make the log of the tests binary.
      const start = JSON.stringify(text.slice(0, 300))
      const what = `${operationId}${type === null ? '' : ` ${type}`}: ${response.status} ${start}`
      t.ok(response.ok && responses[response.status] !== undefined, what)
      if (operationId === 'closeUsageRecords') t.notMatch(text, /"outcome":"(?:refused|unknown)"/, what)
      if (operationId.startsWith('download')) t.equal(text.slice(0, 2), 'PK', `${operationId} gives a workbook`)
      sentExamples += 1
    }
  }
  t.ok(sentExamples >= 46, `${sentExamples} examples`)
})

t.test('the sandbox has a usage file for each status', async (t) => {
  const { origin } = await startBoth(t, { seed: 'full' })
  for (const status of FILE_STATUSES) {
    const answer = await fetch(`${origin}/v1/usage-files?limit=1&status=${status}`, { headers: asVendor })
    t.ok((await answer.json() as { total: number }).total > 0, status)
  }
})

t.test('no optional field has a value that Swagger UI would send by itself', async (t) => {
  const { app } = await startBoth(t)
  for (const { method, path, operation: { parameters = [] } } of operationsOf(await documentOf(app))) {
    for (const { name, required, example } of parameters) {
      if (required !== true) t.equal(example, undefined, `${method} ${path} ${name}`)
    }
  }
})

function addressOf ({ path, operation: { parameters = [] } }: NamedOperation): string {
  const query = parameters.filter(one => one.in === 'query' && one.required === true)
  const values = query.map(({ name, example }): [string, string] => [name, String(example)])
  const search = new URLSearchParams(values).toString()
  return path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(parameters.find(one => one.in === 'path' && one.name === name)?.example))
  ) + (search === '' ? '' : `?${search}`)
}

/** Gives the demo key of a role that has the scope of the operation. */
function credentialFor ({ operation: { security } }: NamedOperation): Record<string, string> {
  const scope = security?.flatMap(one => one['partnerKey'] ?? [])[0]
  return SCOPES_BY_ROLE.provider.some(one => one === scope) ? asProvider : asVendor
}

/** Gives the bodies that have examples, and the form of an upload with a workbook of the sandbox. */
async function bodiesOf (document: Document, { operation: { requestBody } }: NamedOperation): Promise<Sent[]> {
  if (requestBody === undefined) return [{ type: null, body: undefined }]
  const { schema } = requestBody.content['multipart/form-data'] ?? {}
  if (schema !== undefined) {
    const form = new FormData()
    const { properties, required } = follow(document, schema) as
      { properties: Record<string, { examples?: string[] }>, required: string[] }
    for (const name of required.filter(one => one !== 'file')) form.set(name, properties[name]?.examples?.[0] ?? '')
    form.set('file', new Blob([await readFile(WORKBOOK)]), 'usage.xlsx')
    return [{ type: null, body: form }]
  }
  return Object.entries(requestBody.content).map(([type, media]) => {
    const example = exampleOf(document, media)
    return { type, body: typeof example === 'string' ? example : JSON.stringify(example) }
  })
}

function exampleOf (document: Document, { example, schema = {} }: Media): unknown {
  return example ?? (follow(document, schema)['examples'] as unknown[] | undefined)?.[0]
}
