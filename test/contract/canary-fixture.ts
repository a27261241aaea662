import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { SCOPES_BY_ROLE, sha256Hex, type Callers, type Role } from '../../src/credentials/callers.ts'
import { parseCallers } from '../../src/credentials/callers-file.ts'
import { createConnectClient } from '../../src/connect/client.ts'
import { XLSX } from '../../src/media-types.ts'
import { startCollector } from '../collector.ts'
import { AUDIENCE, ISSUER, startIssuer } from '../credentials/issuer.ts'
import { startApp, startUpstream, textOf } from '../helper.ts'
import { formOf, workbookOf } from '../uploads/forms.ts'
import { follow, type NamedOperation } from './document.ts'
import {
  BILLING, document, host, issuerKey, keyOf, MARKS, PARAMETERS, roles, storageSaw, tokens
} from './canary-marks.ts'

const issuer = await startIssuer(t, issuerKey)

function markedCallers (): Callers {
  const account = (role: Role): object => ({
    role,
    accountId: role === 'vendor' ? 'VA-100-200' : 'PA-400-500',
    apiKey: `ApiKey SU-${role === 'vendor' ? '100' : '400'}-200-300:${MARKS.token}`,
    webhookSecret: MARKS.webhook
  })
  const { callers, faults } = parseCallers(
    JSON.stringify({
      accounts: { vendor: account('vendor'), provider: account('provider') },
      callers: roles.map(role => ({
        id: `test-${role}`,
        account: role,
        scopes: SCOPES_BY_ROLE[role],
        keys: [{ id: 'k', sha256: sha256Hex(keyOf(role)), expiresAt: null }]
      })),
      jwt: {
        issuer: ISSUER,
        audience: AUDIENCE,
        jwksUri: issuer.jwksUri,
        accountClaim: 'connect_account',
        scopeClaim: 'scope'
      }
    }),
    () => ''
  )
  if (faults.length > 0) throw new Error(faults.join())
  return callers
}

/** What leaves the service other than to its caller, and its answers. */
interface Fixture {
  ask: (
    one: NamedOperation,
    headers: Record<string, string>,
    change?: { body?: string; query?: string }
  ) => Promise<number>
  /** Fails where a mark was told; to be called once nothing runs any more. */
  verify: () => Promise<void>
}

export async function startFixture (
  t: Test,
  connect: (response: ServerResponse, method: string, path: string, asked: object) => void
): Promise<Fixture> {
  const upstreamSaw: string[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    upstreamSaw.push(JSON.stringify({ ...request.headers, authorization: undefined }))
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
    })
    request.on('end', () => {
      connect(
        response,
        request.method ?? '',
        (request.url ?? '').split('?', 1)[0] ?? '',
        askedFor(request.url ?? '', Buffer.concat(chunks).toString())
      )
    })
    request.on('error', () => {})
  })
  const collector = await startCollector(t)
  const lines: string[] = []
  const answers: string[] = []
  storageSaw.length = 0
  const { app, origin } = await startApp(t, {
    // As the app makes it, but for the pauses between attempts.
    connect: createConnectClient({
      baseUrl,
      timeoutMs: 5_000,
      storageHosts: [new URL(host.baseUrl).origin],
      userAgent: 'test',
      limits: { retryPauseMinMs: 1, retryPauseMaxMs: 2 }
    }),
    callers: markedCallers(),
    logStream: {
      write: line => {
        lines.push(line)
      }
    },
    env: { LOG_LEVEL: 'trace', METRICS_TOKEN: MARKS.metrics, OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin }
  })
  return {
    ask: async (one, headers, change = {}) => {
      const url = one.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMETERS[name] ?? name)
      const { body, type } = bodyOf(one)
      const payload = change.body ?? body
      const response = await fetch(origin + url + (change.query ?? requiredQuery(one)), {
        method: one.method,
        ...(payload !== null && { body: payload }),
        headers: {
          cookie: MARKS.cookie,
          ...(payload !== null && { 'content-type': type }),
          ...(one.method !== 'GET' && { 'idempotency-key': `${MARKS.idempotency}-${answers.length}` }),
          ...headers
        }
      })
      const text = await textOf(response)
      // A workbook is the caller's own.
      answers.push(JSON.stringify([...response.headers]), response.headers.get('content-type') === XLSX ? '' : text)
      return response.status
    },
    verify: async () => {
      const metrics = await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${MARKS.metrics}` } })
      t.equal(metrics.statusCode, 200)
      await app.close()
      const secrets = [
        ...Object.values(MARKS),
        ...Object.values(tokens),
        ...Object.values(tokens).map(token => token.split('.')[2] ?? token)
      ]
      const told: [string, readonly string[], readonly string[]][] = [
        ['the log', lines, [...secrets, ...Object.values(BILLING)]],
        ['an answer', answers, secrets],
        ['the metrics', [metrics.payload], [...secrets, ...Object.values(BILLING)]],
        ['a trace', collector.bodies, [...secrets, ...Object.values(BILLING)]],
        ['a header to Connect', upstreamSaw, secrets],
        ['a header to the storage', storageSaw, secrets]
      ]
      for (const [where, texts, marks] of told) {
        const leaks = texts.flatMap(text => marks.filter(mark => text.includes(mark)).map(mark => around(text, mark)))
        t.same(leaks.slice(0, 3), [], `${where} (${texts.length})`)
      }
      for (const header of ['authorization', 'x-api-key', 'traceparent', 'x-request-id', 'cookie']) {
        t.notOk(
          storageSaw.some(text => text.includes(`"${header}"`)),
          `${header} stays here`
        )
      }
      t.ok(lines.length >= answers.length / 2, 'there were lines to look at')
      t.ok(collector.spans.length > 0, 'and spans')
    }
  }
}

/** What a call asks for: the members of its body, or the status in its filter. */
function askedFor (url: string, body: string): object {
  const status = /eq\(status,%22(\w+)%22\)/.exec(url)?.[1]
  if (status !== undefined) return { status }
  return body.startsWith('{') ? JSON.parse(body) as object : {}
}

function around (text: string, mark: string): string {
  const at = text.indexOf(mark)
  return text.slice(Math.max(0, at - 100), at + 60)
}

/** A body that the document gives as an example, with marked billing data; or a marked workbook. */
function bodyOf (
  { operation }: NamedOperation
): { body: string | Uint8Array<ArrayBuffer> | null, type: string } {
  const content = operation.requestBody?.content
  // Operations that read the rows take no noise.
  const isRead = /^(check|convert)Usage|^publish/.test(operation.operationId ?? '')
  if (content?.['multipart/form-data'] !== undefined && !isRead) {
    return {
      body: new Uint8Array(formOf({ file: Buffer.concat([workbookOf(500), Buffer.from(MARKS.content)]) })),
      type: 'multipart/form-data; boundary=b0undary'
    }
  }
  const media = content?.['application/json']
  const example =
    media?.example ??
    Object.values(media?.examples ?? {})[0]?.value ??
    (follow(document, media?.schema ?? {})['examples'] as unknown[] | undefined)?.[0]
  if (media === undefined || operation.requestBody?.required === false) return { body: null, type: 'application/json' }
  const marked = JSON.stringify(example, (name, value: unknown) =>
    /note$/i.test(name) ? BILLING.note : name === 'externalBillingId' ? BILLING.id : value
  )
  return { body: marked, type: 'application/json' }
}

/** The query parameters without which the operation refuses a request, with their examples. */
function requiredQuery ({ operation }: NamedOperation): string {
  const pairs = (operation.parameters ?? [])
    .filter(({ in: place, required }) => place === 'query' && required === true)
    .map(({ name, example, schema }) => [name, String(example ?? schema?.['example'])] as [string, string])
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}
