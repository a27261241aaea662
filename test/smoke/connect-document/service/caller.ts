import { asVendor, until } from '../../../helper.ts'
import { FALLBALL, XLSX, sample } from '../samples.ts'

type Headers = Record<string, string>
interface Answer { status: number, json: Record<string, unknown>, bytes: Buffer }

/** A call of this service and the status of its answer. `path` has no query. */
export interface ServiceCall { method: string, path: string, status: number }

/** Calls one service, and does the steps with which many checks begin. */
export interface ServiceCaller {
  /** Every call so far, in order. */
  calls: ServiceCall[]
  /**
   * Sends a request as a role; `line` is such as `GET /usage-files`. Throws when the answer has another status than
   * `expected`.
   */
  call: (role: Headers, line: string, expected: number, body?: unknown) => Promise<Answer>
  /** Creates a usage file. Gives its id. */
  draft: (name: string) => Promise<string>
  /** Waits until Connect has checked the workbook of a file. Gives the status of the file: `ready` or `invalid`. */
  settled: (id: string) => Promise<string>
  /** Creates a usage file, uploads a workbook and submits the file. Gives its id. */
  submitted: (name: string) => Promise<string>
}

export function createServiceCaller (origin: string): ServiceCaller {
  const calls: ServiceCall[] = []
  const call: ServiceCaller['call'] = async (role, line, expected, body) => {
    const [method = '', path = ''] = line.split(' ')
    const answer = await send(role, method, `${origin}/v1${path}`, body)
    calls.push({ method, path: `/v1${path.split('?', 1)[0] ?? ''}`, status: answer.status })
    if (answer.status !== expected) {
      throw new Error(`${line}: ${answer.status} instead of ${expected}: ${answer.bytes.toString().slice(0, 500)}`)
    }
    return answer
  }
  const draft = async (name: string): Promise<string> => {
    const period = { from: '2026-10-01', to: '2026-10-31' }
    const body = { name, ...FALLBALL, period, currency: 'USD', description: 'd', note: 'n', externalId: name }
    return String((await call(asVendor, 'POST /usage-files', 201, body)).json['id'])
  }
  const settled = async (id: string): Promise<string> => {
    let status = ''
    await until(async () => {
      status = String((await call(asVendor, `GET /usage-files/${id}`, 200)).json['status'])
      return ['ready', 'invalid'].includes(status)
    }, `${id} to be checked`)
    return status
  }
  const submitted = async (name: string): Promise<string> => {
    const id = await draft(name)
    await call(asVendor, `POST /usage-files/${id}/upload`, 202, workbookForm(await sample('usage')))
    await settled(id)
    await call(asVendor, `POST /usage-files/${id}/submit`, 200)
    return id
  }
  return { calls, call, draft, settled, submitted }
}

/** Gives the form that uploads a workbook. */
export function workbookForm (bytes: Buffer): FormData {
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(bytes)], { type: XLSX }), 'october.xlsx')
  return form
}

async function send (role: Headers, method: string, url: string, body: unknown): Promise<Answer> {
  const isForm = body instanceof FormData
  const response = await fetch(url, {
    method,
    headers: { ...role, ...(body !== undefined && !isForm && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) })
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const isJson = response.headers.get('content-type')?.includes('json') === true
  return {
    status: response.status,
    json: isJson ? (JSON.parse(bytes.toString()) as Record<string, unknown>) : {},
    bytes
  }
}
