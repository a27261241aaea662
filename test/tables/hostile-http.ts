import { CSV, NDJSON, XLSX } from '../../src/media-types.ts'
import { asProvider, asVendor, startApp, startUpstream, type Teardown } from '../helper.ts'
import { connectFile, FILE_ID } from '../routes/call.ts'

/** Sends a hostile workbook to every operation that reads one. Gives what is not as it must be. */
export type TryEverywhere = (bytes: Buffer) => Promise<string[]>

interface Attempt {
  method: 'GET' | 'POST'
  path: string
  headers: Readonly<Record<string, string>>
  body?: Buffer | string
}

const CHUNK_ID = 'UFC-2026-11-4410-7719-001'
const PRODUCT = '/v1/products/PRD-113-628-780'
const FILE = `/v1/usage-files/${FILE_ID}`
const DOWNLOAD = `/v1/usage-chunks/${CHUNK_ID}/file`
const RECONCILIATIONS = '/v1/reconciliations'
const ROWS = 'record_id,external_billing_id\nr-1,INV-1\n'
/** 400: no table; 413: over a limit; 415: not in this form; 422: no workbook; 502: the one of Connect is none. */
const REFUSALS = [400, 413, 415, 422, 502]

/** The operations that get the workbook from the caller. */
function sentByCaller (bytes: Buffer): Attempt[] {
  const check = { method: 'POST', path: `${PRODUCT}/usage-check?schema=cr`, body: bytes } as const
  return [
    { ...check, headers: { ...asVendor, 'content-type': XLSX } },
    { ...check, headers: { ...asVendor, 'content-type': XLSX, accept: NDJSON } },
    { ...check, headers: { ...asVendor, 'content-type': XLSX, accept: XLSX } },
    { ...check, headers: { ...asVendor, 'content-type': CSV } },
    { ...check, path: `${FILE}/check`, headers: { ...asVendor, 'content-type': XLSX } },
    { ...check, path: `${PRODUCT}/usage-workbook?schema=cr`, headers: { ...asVendor, 'content-type': CSV } },
    { ...check, path: `${FILE}/upload?check=report`, headers: { ...asVendor, 'content-type': CSV } }
  ]
}

/** The operations that get the workbook from Connect. */
const SERVED: readonly Attempt[] = [
  ...['', CSV, XLSX].map(accept => (
    { method: 'GET', path: `${FILE}/row-errors`, headers: { ...asVendor, ...(accept !== '' && { accept }) } } as const
  )),
  { method: 'GET', path: `${DOWNLOAD}?format=csv`, headers: asProvider },
  {
    method: 'POST', path: `${RECONCILIATIONS}?chunkId=${CHUNK_ID}`, body: ROWS,
    headers: { ...asProvider, 'content-type': CSV }
  }
]

/**
 * Starts the service before a Connect whose workbooks are the one that is tried. Each operation must answer within
 * these seconds of CPU, with success or with a problem that names a code. The service must stay ready, and log no error
 * but that of such a problem. Connect must get nothing, but for billing ids in a workbook that can be read.
 */
export async function startHostile (t: Teardown, maxSeconds: number): Promise<TryEverywhere> {
  let workbook = Buffer.alloc(0)
  let storage = ''
  const written: string[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    const { method = '', url = '' } = request
    const isWorkbook = url.startsWith('/store') || url.endsWith('/download')
    response.setHeader('content-type', isWorkbook ? XLSX : 'application/json')
    if (method !== 'GET') {
      written.push(`${method} ${url}`)
      request.resume().on('end', () => response.writeHead(201).end('{"id":"RCF-2026-11-4410-7719-001"}'))
    } else if (isWorkbook) response.end(workbook)
    else if (url.includes('/usage/records')) response.setHeader('content-range', 'items 0-0/0').end('[]')
    else if (url.includes('/usage/chunks/')) response.end(JSON.stringify({ id: CHUNK_ID, status: 'ready' }))
    else {
      const links = { usage_file_uri: `${storage}/store/u`, processed_file_uri: `${storage}/store/p` }
      response.end(JSON.stringify(connectFile('invalid', links)))
    }
  })
  storage = new URL(baseUrl).origin
  const { origin, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl, STORAGE_HOSTS: storage } })
  const attempt = async ({ method, path, headers, body }: Attempt): Promise<string[]> => {
    const before = process.cpuUsage()
    const answer = await fetch(origin + path, { method, headers, ...(body !== undefined && { body }) })
    const text = await answer.text().catch(() => null)
    const { user, system } = process.cpuUsage(before)
    const seconds = Math.round((user + system) / 1e6)
    const faults: string[] = []
    if (seconds > maxSeconds) faults.push(`${seconds} s of CPU`)
    const isProblem = REFUSALS.includes(answer.status) && /"code":"[A-Z_]+"/.test(text ?? '')
    // Only a download may have begun before the damage shows.
    if (text === null && !path.startsWith(DOWNLOAD)) faults.push('no whole answer')
    if (!answer.ok && !isProblem) faults.push(`${answer.status} ${text}`)
    const isReconciled = path.startsWith(RECONCILIATIONS) && answer.status === 201
    for (const call of written.splice(0)) if (!isReconciled) faults.push(`Connect got ${call}`)
    return faults.map(fault => `${method} ${path}: ${fault}`)
  }
  return async bytes => {
    const faults: string[] = []
    workbook = Buffer.from(bytes)
    for (const one of [...sentByCaller(bytes), ...SERVED]) faults.push(...await attempt(one))
    const { status } = await fetch(`${origin}/health/ready`)
    if (status !== 200) faults.push(`health is ${status}`)
    const isUnexpected = ({ level, err }: Record<string, unknown>): boolean =>
      level === 'error' && (err as { code?: string } | undefined)?.code !== 'UPSTREAM_INVALID'
    faults.push(...logs.splice(0).filter(isUnexpected).map(line => JSON.stringify(line)))
    return faults
  }
}
