import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import { PROBLEM_TYPE } from '../../src/errors/problem.ts'
import { XLSX } from '../../src/media-types.ts'
import { asProvider, asVendor } from '../helper.ts'
import { conformsTo } from './validate-answer.ts'

export interface Reply {
  status: number
  headers: Record<string, string | string[] | number | undefined>
  // Tests compare what they expect of it; its schema has been checked by then.
  json: Record<string, unknown>
  bytes: Buffer
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/**
 * Asks the app, and fails unless the answer is as documented: problems as problems, a success as the resource named
 * (`list of …` for a page of them).
 */
export function caller (t: Test, app: FastifyInstance, role: 'vendor' | 'provider', resource: string) {
  return async (
    method: Method,
    url: string,
    payload?: object,
    headers: Record<string, string> = {}
  ): Promise<Reply> => {
    const answer = await app.inject({
      method,
      url,
      headers: { ...(role === 'vendor' ? asVendor : asProvider), ...headers },
      ...(payload !== undefined && { payload })
    })
    const { statusCode: status, rawPayload: bytes } = answer
    const type = String(answer.headers['content-type'] ?? '')
    const json = /json/.test(type) ? answer.json<Record<string, unknown>>() : {}
    t.ok(answer.headers['x-request-id'], `${method} ${url}: request id`)
    if (status >= 400) {
      t.equal(type.split(';')[0], PROBLEM_TYPE)
      t.ok(conformsTo('Problem', json), `${method} ${url}: a problem`)
      t.equal(json['status'], status)
    } else if (resource.startsWith('list of ') && status === 200) {
      for (const item of json['items'] as unknown[]) conformsTo(resource.slice('list of '.length), item)
      t.same(Object.keys(json), ['items', 'total', 'limit', 'offset'])
    } else if (status < 300 && status !== 204 && type !== XLSX) {
      t.ok(conformsTo(resource, json), `${method} ${url}: ${resource}`)
    }
    return { status, headers: answer.headers, json, bytes }
  }
}

export const FILE_ID = 'UF-2026-11-4410-7719'

/** The detail of a usage file as Connect sends it. */
export const connectFile = (status: string, more: ConnectFile = {}): ConnectFile => ({
  id: FILE_ID,
  name: 'October',
  status,
  schema: 'cr',
  environment: 'test',
  currency: 'EUR',
  external_id: 'e',
  period: { from: '2026-10-01T00:00:00+00:00', to: '2026-10-31T23:59:59+00:00' },
  product: { id: 'PRD-113-628-780', name: 'P', icon: '' },
  contract: { id: 'CRD-1', name: 'C' },
  stats: {},
  records: { valid: 1, invalid: 0, closed: 0 },
  events: { created: { at: '2026-11-01T00:00:00+00:00' } },
  ...more
})
