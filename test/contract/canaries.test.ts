import type { RequestListener, ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { SCOPES_BY_ROLE, sha256Hex, type Callers, type Role, type Scope } from '../../src/credentials/callers.ts'
import { parseCallers } from '../../src/credentials/callers-file.ts'
import { createConnectClient } from '../../src/connect/client.ts'
import { XLSX } from '../../src/media-types.ts'
import { startCollector } from '../collector.ts'
import { AUDIENCE, ISSUER, makeKey, startIssuer, tokenOf } from '../credentials/issuer.ts'
import { startApp, startUpstream } from '../helper.ts'
import { SHEET, workbookOf as workbookOfParts } from '../tables/workbook-of.ts'
import { formOf, workbookOf } from '../uploads/forms.ts'
import { documentOf, follow, operationsOf, type Document, type NamedOperation } from './document.ts'

/**
 * The service's whole surface with marked secrets, in front of a Connect and a storage that do their worst: no mark may
 * be told to anybody. None of the marks has a shape that the log's scrubber knows, so what is tested is that nobody
 * prints them, not that they are taken out again.
 */
const MARKS = {
  key: 'canary-key',
  token: 'canary-connect-token',
  signature: 'canary-signature',
  cookie: 'canary-cookie',
  idempotency: 'canary-idempotency',
  content: 'canary-content',
  metrics: 'canary-metrics-token'
}
/** Billing data: shown to callers, and to nobody else. */
const BILLING = { note: 'canary-note', id: 'canary-invoice' }

const roles: Role[] = ['vendor', 'provider']
const keyOf = (role: Role): string => `${MARKS.key}-${role}`
const PARAMETERS: Readonly<Record<string, string>> = {
  fileId: 'UF-2026-11-0000-0001',
  recordId: 'UR-2026-11-0000-0001-0001',
  chunkId: 'UFC-2026-11-0000-0001-001',
  reconciliationId: 'RCF-2026-11-0000-0001',
  assetId: 'AS-1234-1234-1234',
  productId: 'PRD-700-100-200',
  ruleId: 'UR-700-100-200-001'
}

type Answer =
  (response: ServerResponse, status: number, body: string | Buffer, headers?: Record<string, string>) => void

const answer: Answer = (response, status, body, headers = {}) => {
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers })
    .end(body)
}

/** Where every link of Connect leads. */
let storage: RequestListener = (_request, response) => { answer(response, 404, '') }
const storageSaw: string[] = []
const host = await startUpstream(t, (request, response) => {
  storageSaw.push(JSON.stringify(request.headers))
  storage(request, response)
})
const LINK = `${new URL(host.baseUrl).origin}/c/usage.xlsx?se=2026&sig=${MARKS.signature}`
const SAID = `ApiKey SU-100-200-300:${MARKS.token} at ${LINK}, X-Amz-Signature=${MARKS.signature}, ` +
  `SU-1-2:${MARKS.token}`
const HEADERS = { 'set-cookie': `s=${MARKS.cookie}`, 'www-authenticate': SAID, location: LINK, 'x-debug': SAID }

const OBJECT = {
  id: PARAMETERS['fileId'],
  name: 'October',
  status: 'accepted',
  schema: 'cr',
  note: null,
  events: { created: { at: '2026-11-01T00:00:00Z' } },
  records: { valid: 1 },
  stats: {},
  usage_file_uri: LINK,
  processed_file_uri: LINK,
  reconciliation_file_uri: LINK,
  template_link: LINK,
  debug: SAID,
  usagefile: { id: PARAMETERS['fileId'] },
  item: { id: 'PRD-1-1', name: 'i' },
  action: 'approve',
  rule: null,
  external_billing_id: BILLING.id,
  external_billing_note: BILLING.note
}

/** The object that a path names by the last id in it; else the file. */
const objectAt = (path: string): object => ({
  ...OBJECT,
  id: Object.values(PARAMETERS).findLast(id => path.includes(id)) ?? OBJECT.id
})

const NEW_FILE = 'UF-2026-11-7777-7777'

/** What was changed, by path: an object that denies a change would be told as an unknown outcome. */
const changed = new Map<string, object>()

const isList = (method: string, path: string): boolean =>
  method === 'GET' && /\/(?:files|records|chunks|reconciliations|aggregates|categories|rules)$/.test(path)
const isWorkbook = (path: string): boolean => /\/(?:download|uploadedfile|processedfile)$/.test(path)

/** The status that an action on a file or a chunk leads to, by the last part of its path. */
function statusAfter (path: string): { status?: string } {
  const action = /\/(close|reject|delete)\/?$/.exec(path)?.[1]
  if (action === undefined) return {}
  return { status: { close: 'closed', reject: 'rejected' }[action] ?? 'deleted' }
}

/** What Connect answers, by name; `works` is the only one that does. */
const CONNECT: Readonly<
  Record<string, (response: ServerResponse, method: string, path: string, asked: object) => void>
> = {
  works: (response, method, path, asked) => {
    if (method === 'PUT') changed.set(path, asked)
    // A file that is new: another one is no answer to a create.
    if (method === 'POST' && path.endsWith('/usage/files')) {
      changed.set(`${path}/${NEW_FILE}`, { ...asked, id: NEW_FILE })
    }
    if (isWorkbook(path)) {
      answer(response, 200, `PK\x03\x04${MARKS.content}`, {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${MARKS.signature}"`
      })
    } else if (path.endsWith('/close-records')) {
      answer(
        response,
        200,
        JSON.stringify([{ id: PARAMETERS['recordId'], status: 'closed', external_billing_id: BILLING.id }])
      )
    } else if (isList(method, path)) {
      const rows = path.endsWith('/usage/records')
        ? [{ ...OBJECT, id: PARAMETERS['recordId'], status: 'approved' }]
        : [{ ...OBJECT, item: undefined }]
      answer(response, 200, JSON.stringify(rows), { ...HEADERS, 'content-range': 'items 0-0/1' })
    } else if (path.includes('/usage/records/')) {
      answer(
        response,
        200,
        JSON.stringify({ ...OBJECT, id: PARAMETERS['recordId'], status: 'closed', ...asked }),
        HEADERS
      )
    } else {
      answer(
        response,
        200,
        JSON.stringify({
          ...objectAt(path),
          ...changed.get(path),
          ...asked,
          ...(path.endsWith('/usage/files') && { id: NEW_FILE }),
          ...statusAfter(path)
        }),
        HEADERS
      )
    }
  },
  refuses: response => {
    answer(
      response,
      400,
      JSON.stringify({ error_code: 'VAL_001', errors: [SAID, { SAID }], params: { SAID } }),
      HEADERS
    )
  },
  'refuses with a code of its own': response => {
    answer(response, 422, JSON.stringify({ error_code: SAID, errors: SAID }), HEADERS)
  },
  forbids: response => {
    answer(response, 403, JSON.stringify({ detail: SAID, errors: [LINK] }))
  },
  'knows nothing': response => {
    answer(response, 404, JSON.stringify({ errors: [SAID] }))
  },
  'refuses the credential': response => {
    answer(response, 401, JSON.stringify({ errors: [SAID] }), HEADERS)
  },
  throttles: (response, _method, path) => {
    // A bulk close would wait and try again for minutes, and a time to wait would keep the next operation from being
    // asked.
    if (path.endsWith('/close-records')) answer(response, 403, JSON.stringify({ errors: [SAID] }))
    else {
      answer(
        response,
        429,
        JSON.stringify({ errors: [SAID] }),
        path.includes('/usage/records') ? { 'retry-after': '0' } : {}
      )
    }
  },
  'fails with a page': response => {
    answer(response, 500, `<html><body>${SAID}</body></html>`, { 'content-type': 'text/html' })
  },
  'fails with a page that says it is good': response => {
    answer(response, 200, `<html><body>${SAID}</body></html>`, { 'content-type': `text/html; x="${SAID}"` })
  },
  'is cut in its JSON': response => {
    answer(response, 200, `{"usage_file_uri":"${LINK}","x":"${SAID}`)
  },
  'answers another shape': (response, method, path) => {
    answer(response, 200, JSON.stringify(isList(method, path) ? { SAID } : [SAID]))
  },
  'sends elsewhere': response => {
    answer(response, 302, SAID, HEADERS)
  },
  'links to a strange place': (response, method, path) => {
    const strange = LINK.replace(/127\.0\.0\.1:\d+/, 'evil.example')
    const body = JSON.stringify({
      ...objectAt(path),
      usage_file_uri: strange,
      processed_file_uri: `ftp://u:${MARKS.token}@h/?sig=${MARKS.signature}`,
      reconciliation_file_uri: SAID,
      template_link: strange
    })
    answer(response, 200, isList(method, path) ? `[${body}]` : body)
  },
  'speaks no HTTP': response => {
    response.socket?.end(`${SAID}\r\n\r\n`)
  },
  'is gone': response => {
    response.socket?.destroy()
  }
}

/** A marked workbook with a comment on a cell. Its parts are not packed, so that the mark would be seen. */
const COMMENTED = commentedWorkbook()

function commentedWorkbook (): Buffer {
  const cells = (row: number, ...texts: string[]): string => `<row r="${row}">${texts.map((text, at) =>
    `<c r="${'AB'[at]}${row}" t="inlineStr"><is><t>${text}</t></is></c>`).join('')}</row>`
  return workbookOfParts({
    sheet: SHEET(cells(1, 'record_id', 'record_note') + cells(2, 'r-1', MARKS.content)),
    parts: {
      'xl/worksheets/_rels/sheet1.xml.rels': '<Relationships><Relationship Id="c" Type="x/comments" ' +
        'Target="../comments1.xml"/></Relationships>',
      'xl/comments1.xml': '<comments><commentList><comment ref="A2"><text><t>USG_002: Duplicate</t></text></comment>' +
        '</commentList></comments>'
    },
    pack: part => ({ ...part, isStored: true })
  })
}

const STORAGE: Readonly<Record<string, RequestListener>> = {
  works: (_request, response) => {
    answer(response, 200, COMMENTED, {
      ...HEADERS,
      'content-type': `application/x; sig=${MARKS.signature}`,
      'content-disposition': `attachment; filename="${MARKS.signature}"`
    })
  },
  refuses: (request, response) => {
    answer(response, 403, `<Error>Signature did not match: ${request.url ?? ''}</Error>`, {
      ...HEADERS,
      'content-type': 'application/xml'
    })
  },
  'sends elsewhere': (_request, response) => {
    answer(response, 307, '', HEADERS)
  },
  'answers a page': (_request, response) => {
    answer(response, 200, SAID, { 'content-type': 'text/html' })
  },
  'is cut': (_request, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write(MARKS.content, () => {
      response.destroy()
    })
  }
}

const issuerKey = await makeKey('one')
const issuer = await startIssuer(t, issuerKey)
const tokens = Object.fromEntries(
  await Promise.all(
    roles.map(
      async role =>
        [role, await tokenOf(issuerKey, { connect_account: role, scope: SCOPES_BY_ROLE[role].join(' ') })] as const
    )
  )
) as Record<Role, string>

function markedCallers (): Callers {
  const account = (role: Role): object => ({
    role,
    accountId: role === 'vendor' ? 'VA-100-200' : 'PA-400-500',
    apiKey: `ApiKey SU-100-200-300:${MARKS.token}`
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
interface Stage {
  ask: (
    one: NamedOperation,
    headers: Record<string, string>,
    change?: { body?: string; query?: string }
  ) => Promise<number>
  operations: NamedOperation[]
  /** Fails where a mark was told; to be called once nothing runs any more. */
  verify: () => Promise<void>
}

async function startStage (
  t: Test,
  connect: (response: ServerResponse, method: string, path: string, asked: object) => void
): Promise<Stage> {
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
        objectOf(Buffer.concat(chunks).toString())
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
  const document = await documentOf(app)
  const operations = operationsOf(document)
  return {
    operations,
    ask: async (one, headers, change = {}) => {
      const url = one.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMETERS[name] ?? name)
      const { body, type } = bodyOf(document, one)
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
      const text = await response.text()
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

function objectOf (text: string): object {
  return text.startsWith('{') ? JSON.parse(text) as object : {}
}

function around (text: string, mark: string): string {
  const at = text.indexOf(mark)
  return text.slice(Math.max(0, at - 100), at + 60)
}

const scopeOf = ({ operation }: NamedOperation): Scope | null =>
  (operation.security?.[0]?.['partnerKey']?.[0] ?? null) as Scope | null
const roleOf = (one: NamedOperation): Role =>
  roles.find(role => SCOPES_BY_ROLE[role].includes(scopeOf(one) ?? 'usage:read')) ?? 'vendor'

/** A body that the document gives as an example, with marked billing data; or a marked workbook. */
function bodyOf (
  document: Document, { operation }: NamedOperation
): { body: string | Uint8Array<ArrayBuffer> | null, type: string } {
  const content = operation.requestBody?.content
  // Operations that read the rows take no noise.
  const isRead = /^(check|convert)Usage/.test(operation.operationId ?? '')
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

/** Runs without filling the pools, whose refusals would hide what is to be seen. */
async function inTurns<T> (list: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const left = [...list]
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next)
  }))
}

for (const [name, connect] of Object.entries(CONNECT)) {
  t.test(`no operation tells a secret when Connect ${name}`, async (t) => {
    const stage = await startStage(t, connect)
    storage = STORAGE['works']!
    const asked = new Set<string>()
    const refused: string[] = []
    t.ok(stage.operations.length > 40, 'all operations of the document')
    await inTurns(stage.operations, async (one) => {
      const role = roleOf(one)
      const credentials = [{ 'x-api-key': keyOf(role) }, { authorization: `Bearer ${tokens[role]}` }]
      for (const headers of name === 'works' ? credentials : credentials.slice(asked.size % 2, asked.size % 2 + 1)) {
        const status = await stage.ask(one, headers)
        asked.add(one.operation.operationId ?? '')
        if (status === 401 || (status === 403 && name !== 'forbids')) {
          refused.push(`${one.operation.operationId} ${status}`)
        }
        if (name === 'works' && status >= 400) refused.push(`${one.operation.operationId} ${status}`)
      }
    })
    t.equal(asked.size, stage.operations.length)
    t.same(refused, [], 'each was really asked')
    await stage.verify()
  })
}

for (const [name, listener] of Object.entries(STORAGE)) {
  t.test(`no download tells a secret when the storage ${name}`, async (t) => {
    const stage = await startStage(t, CONNECT['works']!)
    storage = listener
    const downloads = stage.operations.filter(({ operation }) => operation.operationId?.startsWith('download'))
    t.ok(downloads.length >= 6)
    await inTurns(downloads, async (one) => {
      await stage
        .ask(one, {
          'x-api-key': keyOf(roleOf(one)),
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
        })
        .catch(() => {})
    })
    t.ok(storageSaw.length >= 4, 'the links were followed')
    await stage.verify()
  })
}

t.test('no refused operation tells a secret', async (t) => {
  const stage = await startStage(t, CONNECT['works']!)
  storage = STORAGE['works']!
  const headers: Record<string, string>[] = [
    {},
    { 'x-api-key': 'canary-key-unknown' },
    { authorization: `ApiKey SU-100-200-300:${MARKS.token}` },
    { 'x-api-key': `ApiKey SU-100-200-300:${MARKS.token}` },
    { authorization: `Basic ${MARKS.key}` },
    { authorization: `Bearer ${tokens.vendor}x` },
    { authorization: `Bearer ${tokens.vendor}`, 'x-api-key': keyOf('vendor') }
  ]
  await inTurns(stage.operations, async (one) => {
    for (const wrong of headers) await stage.ask(one, wrong)
    const mine = { 'x-api-key': keyOf(roleOf(one)) }
    await stage.ask(one, { 'x-api-key': keyOf(roleOf(one) === 'vendor' ? 'provider' : 'vendor') })
    await stage.ask(one, mine, { query: `?sig=${MARKS.signature}&token=${MARKS.token}` })
    if (one.method !== 'GET') {
      for (const body of [
        `{"note":"${BILLING.note}","x":"${MARKS.content}`,
        `{"unknownField":"${MARKS.content}"}`,
        `["${MARKS.content}"]`,
        MARKS.content
      ]) { await stage.ask(one, mine, { body }) }
      await stage.ask(one, { ...mine, 'content-type': `text/plain; x=${MARKS.content}` })
    }
  })
  await stage.verify()
})
