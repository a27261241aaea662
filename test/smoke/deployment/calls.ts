import assert from 'node:assert/strict'
import type { Arrangement, Replica } from '../arrangement.ts'

export interface Answer { status: number, headers: Headers, json: Record<string, any>, ms: number }
interface LedgerEntry { method: string, path: string, status: number | null }

/** The running arrangement, and what its checks ask of it and of the sandbox. */
export interface Deployment extends Arrangement {
  /** Sends a request to the load balancer, or to the origin `at`. */
  ask: (
    role: 'vendor' | 'provider',
    method: string,
    path: string,
    options?: { body?: unknown, key?: string, at?: string }
  ) => Promise<Answer>
  /** Plans a fault of the sandbox. */
  plan: (rule: object) => Promise<void>
  noFaults: () => Promise<void>
  /** Gives the requests that the sandbox has received with this method and a path that matches. */
  sent: (method: string, pattern: RegExp) => Promise<LedgerEntry[]>
  /** Gives the requests that the sandbox has received to close this record alone. */
  closesOf: (id: string) => Promise<LedgerEntry[]>
  approvedRecords: (limit: number, offset?: number) => Promise<string[]>
}

export function createDeployment (arrangement: Arrangement): Deployment {
  const { origin, sandbox, keys } = arrangement
  const ask: Deployment['ask'] = async (role, method, path, { body, key, at = origin } = {}) => {
    const isForm = body instanceof FormData
    const startedAt = performance.now()
    const response = await fetch(`${at}${path}`, {
      method,
      headers: {
        'x-api-key': keys[role],
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' })
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) })
    })
    const text = await response.text()
    const { status, headers } = response
    const json = text === '' ? {} : (JSON.parse(text) as Record<string, any>)
    return { status, headers, json, ms: performance.now() - startedAt }
  }
  const sent: Deployment['sent'] = async (method, pattern) => {
    const entries = await (await fetch(`${sandbox}/__control/ledger`)).json() as LedgerEntry[]
    return entries.filter(entry => entry.method === method && pattern.test(entry.path))
  }
  return {
    ...arrangement,
    ask,
    plan: async (rule) => { await planFault(sandbox, rule) },
    noFaults: async () => { await fetch(`${sandbox}/__control/faults`, { method: 'DELETE' }) },
    sent,
    closesOf: async id => await sent('POST', new RegExp(`/usage/records/${id}/close/?$`)),
    approvedRecords: async (limit, offset = 0) => {
      const { json } = await ask('provider', 'GET', `/v1/usage-records?status=approved&limit=${limit}&offset=${offset}`)
      return (json['items'] as { id: string }[]).map(({ id }) => id)
    }
  }
}

/** Whether one write of this replica waits for Connect. */
export async function isCalling ({ origin }: Replica): Promise<boolean> {
  const metrics = await (await fetch(`${origin}/metrics`)).text()
  return /^usage_bff_connect_pool\{pool="jsonWrite",state="running"\} 1$/m.test(metrics)
}

async function planFault (sandbox: string, rule: object): Promise<void> {
  const { status } = await fetch(`${sandbox}/__control/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rule)
  })
  assert.equal(status, 201)
}
