import t from 'tap'
import { asProvider, asVendor, startBoth } from '../helper.ts'
import { documentOf, follow, operationsOf, type Document, type Media, type NamedOperation } from './document.ts'

/** Against the sandbox in full: what "Try it out" sends when nobody has typed anything. */
const EXPECTED: Readonly<Record<string, number>> = {
  // The example file was closed by chunks, so nobody has reconciled it as a whole.
  downloadReconciliationFile: 404
}
/** Changes whose examples the sandbox takes, in an order that leaves each its turn. */
const WRITES = [
  'createUsageFile',
  'createUsageRule',
  'updateUsageChunk',
  'updateUsageRule',
  'closeUsageRecord',
  'closeUsageRecords',
  'closeUsageChunk',
  'closeUsageFileRecords',
  'closeUsageFile'
] as const

t.test('the examples are true: the sandbox knows what they name', async (t) => {
  const { app, origin } = await startBoth(t, { seed: 'full' })
  const document = await documentOf(app)
  const operations = operationsOf(document)
  const send = async (
    one: NamedOperation,
    headers: Record<string, string>,
    body?: unknown
  ): Promise<{ status: number; text: string }> => {
    const answer = await fetch(origin + addressOf(one), {
      method: one.method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    return { status: answer.status, text: (await answer.text()).slice(0, 300) }
  }
  for (const one of operations.filter(({ method, path }) => method === 'GET' && path.startsWith('/v1/'))) {
    const name = one.operation.operationId ?? ''
    const { status, text } = await send(one, asProvider)
    t.equal(status, EXPECTED[name] ?? 200, `${name}: ${status === 200 ? 'found' : text}`)
  }
  for (const name of WRITES) {
    const one = operations.find(({ operation }) => operation.operationId === name)
    if (one === undefined) throw new Error(`no operation ${name}`)
    const { status, text } = await send(one, name === 'createUsageFile' ? asVendor : asProvider, bodyOf(document, one))
    t.ok([200, 201, 202].includes(status), `${name}: ${text}`)
    if (name === 'closeUsageRecords') t.match(JSON.parse(text), { failures: [], summary: { requested: 2, closed: 2 } })
  }
})

t.test('nothing optional has a value that Swagger UI would send by itself', async (t) => {
  const { app } = await startBoth(t)
  for (const { method, path, operation: { parameters = [] } } of operationsOf(await documentOf(app))) {
    for (const { name, required, example } of parameters) {
      if (required !== true) t.equal(example, undefined, `${method} ${path} ${name}`)
    }
  }
})

function addressOf ({ path, operation: { parameters = [] } }: NamedOperation): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(parameters.find(one => one.in === 'path' && one.name === name)?.example))
  )
}

function bodyOf (document: Document, { operation: { requestBody } }: NamedOperation): unknown {
  const media: Media | undefined = requestBody?.content['application/json']
  if (media?.schema === undefined) return undefined
  return media.example ?? (follow(document, media.schema)['examples'] as unknown[] | undefined)?.[0]
}
