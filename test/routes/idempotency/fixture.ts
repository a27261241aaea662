import type { Test } from 'tap'
import type { SandboxOptions } from '../../../sandbox/src/options.ts'
import { startBoth, PROVIDER_KEY, VENDOR_KEY, type AppOptions, type StartedApp } from '../../helper.ts'
import { asProvider, asVendor, startSandbox, type Call, type StartedSandbox } from '../../../sandbox/test/helper.ts'
import { accepted } from '../../../sandbox/test/stories.ts'

export interface Reply { status: number, headers: Headers, text: string, json: Record<string, unknown> }
export type Send = (
  method: string,
  path: string,
  key: string | null,
  body?: unknown,
  more?: Record<string, string>
) => Promise<Reply>

export interface Fixture extends StartedApp {
  sandbox: StartedSandbox
  vendor: Send
  provider: Send
  connectVendor: Call
  connectProvider: Call
  /** Approved records of a fresh accepted file. */
  records: () => Promise<string[]>
  /** What Connect was asked to change, as `POST /usage/…`, since the last look. */
  writes: () => string[]
}

/** The app and a sandbox, and callers that send an Idempotency-Key. */
export async function startFixture (
  t: Test,
  options: AppOptions = {},
  sandboxOptions: Partial<SandboxOptions> = {}
): Promise<Fixture> {
  return { ...(await fixtureOf(await startBoth(t, sandboxOptions, options))) }
}

export async function fixtureOf (started: StartedApp & { sandbox: StartedSandbox }): Promise<Fixture> {
  const { origin, sandbox } = started
  const [connectVendor, connectProvider] = [asVendor(sandbox), asProvider(sandbox)]
  return {
    ...started,
    vendor: sender(origin, VENDOR_KEY),
    provider: sender(origin, PROVIDER_KEY),
    connectVendor,
    connectProvider,
    records: async () => {
      const file = await accepted(connectVendor, connectProvider)
      sandbox.ledger.clear()
      return [...sandbox.store.records.values()]
        .filter(record => record.file.id === file && record.status === 'approved')
        .map(({ id }) => id)
    },
    writes: () => writesOf(sandbox)
  }
}

export function writesOf (sandbox: StartedSandbox): string[] {
  const seen = sandbox.ledger.entries
    .filter(({ method, complete }) => method !== 'GET' && complete)
    .map(({ method, path }) => `${method} ${path.replace('/public/v1', '')}`)
  sandbox.ledger.clear()
  return seen
}

export function sender (origin: string, partnerKey: string): Send {
  return async (method, path, key, body, more = {}) => {
    const isRaw = body instanceof FormData || body instanceof Uint8Array || typeof body === 'string'
    const response = await fetch(`${origin}/v1${path}`, {
      method,
      headers: {
        'x-api-key': partnerKey,
        ...(key !== null && { 'idempotency-key': key }),
        ...(body !== undefined && !isRaw && { 'content-type': 'application/json' }),
        ...more
      },
      ...(body !== undefined && { body: isRaw ? body as FormData : JSON.stringify(body) })
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && !text.includes('\n{') ? (JSON.parse(text) as Record<string, unknown>) : {}
    }
  }
}

export { startSandbox }
