import { Agent, request } from 'node:http'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import type { Test } from 'tap'
import { createConnectClient } from '../../src/connect/client.ts'
import { ERROR_CODES } from '../../src/errors/codes.ts'
import { documentOf, operationsOf, type Document, type Json, type NamedOperation } from '../contract/document.ts'
import { startApp, startUpstream } from '../helper.ts'
import { hostileConnect, moods, WELL, type Mood } from './hostile-connect.ts'
import { requestsOf, type Asked } from './requests.ts'

interface Got { status: number, type: string, text: string }

/** What is wrong with a request before Connect is asked to change anything. */
const OUR_REFUSALS = [
  'VALIDATION_FAILED',
  'MALFORMED_BODY',
  'FIELD_AFTER_FILE',
  'FILE_MISSING',
  'UNAUTHENTICATED',
  'SCOPE_MISSING',
  'UNSUPPORTED_MEDIA_TYPE',
  'FILE_EMPTY',
  'NOT_A_WORKBOOK',
  'BODY_TOO_LARGE',
  'METHOD_NOT_ALLOWED',
  'HEADERS_TOO_LARGE'
]

/**
 * Sends each operation of the document requests of every kind, to a Connect of every kind: each answer must be one that
 * the document has, none a fault of ours, and a request that is refused must not have changed anything.
 */
export async function fuzzRoutes (t: Test, seed: number, casesEach: number): Promise<Record<string, number>> {
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown): void => { unhandled.push(error) }
  process.on('unhandledRejection', onUnhandled)
  t.teardown(() => { process.off('unhandledRejection', onUnhandled) })
  let mood: Mood = WELL
  let writes = 0
  const { baseUrl } = await startUpstream(
    t,
    hostileConnect(
      () => mood,
      method => {
        if (method !== 'GET') writes += 1
      }
    )
  )
  const connect = createConnectClient({
    baseUrl,
    timeoutMs: 5_000,
    storageHosts: [],
    userAgent: 'fuzz',
    limits: { retryPauseMinMs: 1, retryPauseMaxMs: 2 }
  })
  const { app, port } = await startApp(t, { connect, env: { LOG_LEVEL: 'error', UPLOAD_IDLE_TIMEOUT_MS: '2000' } })
  const document = await documentOf(app)
  const conforms = validatorOf(document)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => { agent.destroy() })
  const byStatus: Record<string, number> = {}
  for (const one of operationsOf(document)) {
    const name = one.operation.operationId ?? one.path
    const property = fc.asyncProperty(requestsOf(document, one), moods, async (asked, next) => {
      mood = next
      writes = 0
      const got = await ask(agent, port, one.method, asked)
      byStatus[got.status] = (byStatus[got.status] ?? 0) + 1
      const wrong = conforms(one, got)
      if (wrong !== null) throw new Error(`${got.status} ${wrong}: ${got.text.slice(0, 2000)}`)
      const code = got.status >= 400 ? String((JSON.parse(got.text) as Json)['code']) : ''
      if (OUR_REFUSALS.includes(code) && writes > 0) {
        throw new Error(`${code}, and Connect was asked to change something`)
      }
    })
    try {
      await fc.assert(property, { seed, numRuns: casesEach })
    } catch (error) {
      t.fail(`${name}: ${error instanceof Error ? `${error.message} ${String(error.cause)}` : String(error)}`)
    }
  }
  t.same(unhandled, [])
  t.comment(`routes: seed ${seed}, ${casesEach} cases of each operation, ${JSON.stringify(byStatus)}`)
  return byStatus
}

/** The response `default`, where its examples show the status. */
function sharedProblem ({ responses: { default: shared } }: NamedOperation['operation'], status: number) {
  const examples = shared?.content?.['application/problem+json']?.examples ?? {}
  return Object.values(examples).some(({ value }) => (value as Json)['status'] === status) ? shared : undefined
}

/** What of an answer is not as the document says, or null. */
function validatorOf (document: Document): (one: NamedOperation, got: Got) => string | null {
  const ajv = new Ajv2020({ strict: false, logger: false })
  ajv.addSchema({ $id: 'document', components: document.components })
  const compiled = new Map<Json, ValidateFunction>()
  const validate = (schema: Json): ValidateFunction => {
    const known =
      compiled.get(schema) ??
      ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/')) as Json)
    compiled.set(schema, known)
    return known
  }
  return (one, { status, type, text }) => {
    if (status === 500) return 'a fault of ours'
    const response = one.operation.responses[String(status)] ?? sharedProblem(one.operation, status)
    if (response === undefined) return 'a status that the document does not have'
    const content = response.content ?? {}
    if (Object.keys(content).length === 0) return text === '' ? null : 'a body where there is none'
    const media = content[type]
    if (media === undefined) return `a type that the document does not have, ${type}`
    if (!type.endsWith('json')) return null
    if (type.endsWith('ndjson')) {
      return text
        .trim()
        .split('\n')
        .every(line => line.startsWith('{'))
        ? null
        : 'lines that are no objects'
    }
    const value = JSON.parse(text) as Json
    if (status >= 400 && ERROR_CODES[value['code'] as keyof typeof ERROR_CODES]?.status !== status) {
      return 'a code of another status'
    }
    const check = validate(media.schema ?? {})
    return check(value) ? null : ajv.errorsText(check.errors)
  }
}

async function ask (agent: Agent, port: number, method: string, { path, headers, body }: Asked): Promise<Got> {
  return await new Promise((resolve, reject) => {
    const call = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method,
        path,
        headers: { ...headers, ...(body !== null && { 'content-length': body.length }) },
        timeout: 20_000
      },
      response => {
        const chunks: Buffer[] = []
        const type = (response.headers['content-type'] ?? '').split(';', 1)[0] ?? ''
        const finish = (): void => {
          resolve({ status: response.statusCode ?? 0, type, text: Buffer.concat(chunks).toString() })
        }
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          // A stream of events does not end.
          if (type !== 'text/event-stream') return
          finish()
          response.destroy()
        })
        response.on('error', reject)
        response.on('end', finish)
      }
    )
    call.on('timeout', () => { call.destroy(new Error('it hangs')) })
    call.on('error', reject)
    call.end(body ?? undefined)
  })
}
