import fc from 'fast-check'
import { SCOPES_BY_ROLE, type Role, type Scope } from '../../src/credentials/callers.ts'
import { NDJSON } from '../../src/media-types.ts'
import { follow, type Document, type NamedOperation, type Parameter } from '../contract/document.ts'
import { webhookToken } from '../credentials.ts'
import { PROVIDER_KEY, VENDOR_KEY } from '../helper.ts'
import { formOf, workbookOf, XLSX } from '../uploads/forms.ts'
import { changed, changes, nasty, valid } from './from-schema.ts'

export interface Asked { path: string, headers: Record<string, string>, body: Buffer | null }

type Texts = Record<string, string>

/** Valid, nearly valid and invalid requests of an operation, as the document describes it. */
export function requestsOf (document: Document, one: NamedOperation): fc.Arbitrary<Asked> {
  const parameters = one.operation.parameters ?? []
  const of = (place: string): Parameter[] => parameters.filter(parameter => parameter.in === place)
  return fc.record({
    path: texts(document, of('path'), 20, true),
    query: texts(document, of('query'), 8, false),
    unknown: often(20, fc.constant<[string, string][]>([]), fc.tuple(nasty, nasty).map(pair => [pair])),
    headers: texts(document, of('header'), 6, false),
    more: headers(one),
    body: bodies(document, one)
  }).map(({ path, query, unknown, headers, more, body }) => {
    const filled = one.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => escaped(path[name] ?? 'x') || 'x')
    const pairs = [...Object.entries(query), ...unknown].map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    const sent = { ...headers, ...(body !== null && { 'content-type': body.type }), ...more }
    const legal = Object.fromEntries(
      Object.entries(sent).map(([name, value]) => [
        name.toLowerCase(),
        value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim()
      ])
    )
    return {
      path: pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`,
      headers: legal,
      body: body?.bytes ?? null
    }
  })
}

function often<T> (weight: number, usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other })
}

/** Half characters have no form in a URL. */
function escaped (text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''))
}

function texts (
  document: Document,
  parameters: readonly Parameter[],
  weight: number,
  isRequired: boolean
): fc.Arbitrary<Texts> {
  const values = Object.fromEntries(
    parameters.map(({ name, schema = {}, example }) => {
      const good = valid(document, schema).map(value => [value].flat().join(','))
      return [name, often(weight, typeof example === 'string' ? often(1, fc.constant(example), good) : good, nasty)]
    })
  )
  return fc
    .record<Texts>(values)
    .chain(all =>
      isRequired
        ? fc.constant(all)
        : fc
          .subarray(Object.keys(all), { maxLength: Math.min(3, Object.keys(all).length) })
          .map(names => Object.fromEntries(names.map(name => [name, all[name] ?? ''])))
    )
}

function headers ({ operation, method }: NamedOperation): fc.Arbitrary<Texts> {
  const scope = operation.security?.[0]?.['partnerKey']?.[0] as Scope | undefined
  const role =
    (['vendor', 'provider'] as const).find((one: Role) => SCOPES_BY_ROLE[one].includes(scope ?? 'usage:read')) ??
    'vendor'
  const key = { vendor: VENDOR_KEY, provider: PROVIDER_KEY }
  const usual: Texts = {
    'x-api-key': key[role],
    // By default a report waits for Connect for 20 s.
    ...(operation.operationId === 'publishUsageReport' && { prefer: 'wait=1' }),
    ...(operation.operationId === 'receiveConnectWebhook' && { authorization: `Bearer ${webhookToken()}` })
  }
  return fc.oneof(
    { weight: 30, arbitrary: fc.constant(usual) },
    { weight: 4, arbitrary: nasty.map(value => ({ ...usual, ...(method !== 'GET' && { 'idempotency-key': value }) })) },
    { weight: 1, arbitrary: fc.constant<Texts>({ 'x-api-key': key[role === 'vendor' ? 'provider' : 'vendor'] }) },
    { weight: 1, arbitrary: fc.constant<Texts>({}) },
    { weight: 1, arbitrary: nasty.map((value): Texts => ({ authorization: `Bearer ${value}` })) },
    {
      weight: 2,
      arbitrary: nasty.map(value => ({ ...usual, 'x-request-id': value, 'if-none-match': value, traceparent: value }))
    },
    { weight: 2, arbitrary: fc.constantFrom('*/*', NDJSON, 'text/html', '').map(accept => ({ ...usual, accept })) },
    { weight: 1, arbitrary: nasty.map(value => ({ ...usual, 'content-type': `application/json${value}` })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('text/plain', 'application/xml', 'multipart/form-data', 'application/x-www-form-urlencoded')
        .map(type => ({ ...usual, 'content-type': type }))
    }
  )
}

interface Sent { type: string, bytes: Buffer }

function bodies (document: Document, { operation, method }: NamedOperation): fc.Arbitrary<Sent | null> {
  const content = operation.requestBody?.content
  if (method === 'GET') return fc.constant(null)
  if (content === undefined) {
    return often<Sent | null>(
      10,
      fc.constant(null),
      nasty.map(text => ({ type: 'application/json', bytes: Buffer.from(text) }))
    )
  }
  if (content['multipart/form-data'] !== undefined) {
    const file = fc.oneof(
      fc.integer({ min: 0, max: 2000 }).map(size => workbookOf(size)),
      nasty.map(text => Buffer.from(text))
    )
    return fc.oneof(
      file.map(bytes => ({ type: 'multipart/form-data; boundary=b0undary', bytes: formOf({ file: bytes }) })),
      file.map(bytes => ({ type: XLSX, bytes }))
    )
  }
  const schema = follow(document, content['application/json']?.schema ?? {})
  const json = (value: unknown): Sent => ({ type: 'application/json', bytes: Buffer.from(JSON.stringify(value) ?? '') })
  const good = valid(document, schema)
  const lines =
    content[NDJSON] === undefined
      ? []
      : [{ weight: 3, arbitrary: good.map((value): Sent => ({ type: NDJSON, bytes: linesOf(value) })) }]
  return fc.oneof<fc.MaybeWeightedArbitrary<Sent | null>[]>(
    { weight: 6, arbitrary: good.map(json) },
    { weight: 6, arbitrary: fc.tuple(good, changes).map(([value, list]) => json(changed(value, list))) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(good, fc.nat(60))
        .map(([value, cut]) => ({ type: 'application/json', bytes: json(value).bytes.subarray(0, -cut) }))
    },
    {
      weight: 1,
      arbitrary: fc
        .uint8Array({ maxLength: 50 })
        .map(bytes => ({ type: 'application/json', bytes: Buffer.from(bytes) }))
    },
    { weight: 1, arbitrary: fc.constant(null) },
    ...lines
  ) as fc.Arbitrary<Sent | null>
}

function linesOf (value: unknown): Buffer {
  const { records = [], externalBillingId = 'INV-1' } = value as { records?: object[], externalBillingId?: string }
  return Buffer.from(records.map(record => `${JSON.stringify({ externalBillingId, ...record })}\n`).join(''))
}
