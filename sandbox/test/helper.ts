import type { AddressInfo } from 'node:net'
import { buildSandbox } from '../src/app.ts'
import type { BuiltSandbox } from '../src/app.ts'
import { providerToken, vendorToken } from '../src/options.ts'
import type { SandboxOptions } from '../src/options.ts'

/** The part of a tap test that a helper needs. */
export interface Teardown { teardown: (work: () => unknown) => unknown }

export interface StartedSandbox extends BuiltSandbox {
  /** `http://127.0.0.1:<port>` */
  origin: string
  /** The origin with `/public/v1`. */
  baseUrl: string
}

/** A listening sandbox of its own on a free port: small seed, work done at once, control door open. */
export async function startSandbox (t: Teardown, options: Partial<SandboxOptions> = {}): Promise<StartedSandbox> {
  const sandbox = await buildSandbox({
    seed: 'small', processingMs: 0, control: true, strictFilters: true, ...options
  })
  t.teardown(async () => { await sandbox.app.close() })
  await sandbox.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = sandbox.app.server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  return Object.assign(sandbox, { origin, baseUrl: `${origin}/public/v1` })
}

/** The parts of Connect's bodies that the tests look at; what an answer lacks is undefined at run time. */
export interface Body {
  id: string
  name: string
  status: string
  sub_status: string
  note: string
  description: string
  external_id: string
  acceptance_note: string
  rejection_note: string
  error_detail: string
  error_code: string | null
  errors: string[]
  error_codes: string
  error_details: string
  schema: string
  environment: string
  currency: string
  period: { from: string, to: string }
  stats: Record<string, number>
  records: Record<string, number>
  events: Record<string, { at: string, by?: { id: string, name: string } }>
  vendor: Body
  provider: Body
  contract: Body
  product: Body
  marketplace: Body
  usagefile: Body
  partusagefile: Body
  binding: { hub: Body }
  item: Body
  asset: Body
  category: Body
  usage: number
  amount: number
  tier: number | null
  accepted: number
  consumed: number
  external_billing_id: string
  external_billing_note: string
  usage_file_uri: string
  processed_file_uri: string
  reconciliation_file_uri: string
  template_link: string
  outdated: boolean
  error: { detail: string }
  notes: { uploaded: string, processing: string }
  action: string
  scope: string
  rule: string
  mpn: string
  jwt_secret: string
  active: boolean
  last_success?: { time: string }
  last_failure?: { time: string, status_code: number | null }
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  json: Body
  /** The same body where it is an array. */
  list: Body[]
}

export type Call = (method: string, path: string, body?: unknown) => Promise<Answer>

/** Speaks as the holder of a token; a body is JSON unless it is a form. */
export function caller (sandbox: StartedSandbox, token: string): Call {
  return async (method, path, body) => {
    const isForm = body instanceof FormData
    const response = await fetch(path.startsWith('http') ? path : `${sandbox.baseUrl}${path}`, {
      method,
      headers: {
        authorization: token,
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' })
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) })
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    const json = isJson && text !== '' ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, text, json, list: json }
  }
}

export const asVendor = (sandbox: StartedSandbox): Call => caller(sandbox, vendorToken)
export const asProvider = (sandbox: StartedSandbox): Call => caller(sandbox, providerToken)

/** Polls until the answer is what is waited for; fails after the deadline. */
export async function until (
  read: () => Promise<Answer>,
  isDone: (answer: Answer) => boolean,
  deadlineMs = 10_000
): Promise<Answer> {
  const end = Date.now() + deadlineMs
  for (;;) {
    const answer = await read()
    if (isDone(answer)) return answer
    if (Date.now() > end) throw new Error(`still waiting: ${answer.status} ${answer.text.slice(0, 500)}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

export function form (field: string, bytes: Uint8Array, extra: Record<string, string> = {}): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(extra)) data.set(name, value)
  data.set(field, new Blob([new Uint8Array(bytes)]), 'usage.xlsx')
  return data
}
