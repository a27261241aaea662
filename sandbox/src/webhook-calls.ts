import { createHmac } from 'node:crypto'
import type { Webhook, WebhookCall } from './state/types.ts'
import { toSeconds } from './time.ts'

/** The most calls that wait for one webhook. Further ones are dropped: a call names no file, so 100 are enough. */
const maxWaiting = 100

/** Makes one call of each webhook at a time. A failed call is not repeated: no source tells that Connect repeats it. */
export class WebhookCalls {
  readonly #timeoutMs: number
  readonly #now: () => Date
  readonly #waiting = new Map<Webhook, Date[]>()
  readonly #running = new Set<Promise<void>>()
  #stop = new AbortController()
  #isClosed = false

  constructor (timeoutMs: number, now: () => Date) {
    this.#timeoutMs = timeoutMs
    this.#now = now
  }

  add (webhook: Webhook): void {
    if (this.#isClosed) return
    const waiting = this.#waiting.get(webhook)
    if (!waiting) this.#start(webhook, [this.#now()])
    else if (waiting.length < maxWaiting) waiting.push(this.#now())
  }

  /** Drops the waiting calls and aborts the running ones. Resolves when the running ones have ended. */
  async clear (): Promise<void> {
    this.#stop.abort()
    this.#stop = new AbortController()
    this.#waiting.clear()
    await Promise.all(this.#running)
  }

  /** Does what `clear` does, and ignores all later calls of `add`. */
  async close (): Promise<void> {
    this.#isClosed = true
    await this.clear()
  }

  #start (webhook: Webhook, waiting: Date[]): void {
    this.#waiting.set(webhook, waiting)
    const work = this.#run(webhook, waiting, this.#stop.signal)
    this.#running.add(work)
    void work.finally(() => this.#running.delete(work))
  }

  async #run (webhook: Webhook, waiting: Date[], stop: AbortSignal): Promise<void> {
    for (let triggered = waiting.shift(); triggered && !stop.aborted; triggered = waiting.shift()) {
      // The webhook was switched off or deleted while its call waited.
      if (!webhook.active) continue
      const start = performance.now()
      const result = await this.#call(webhook, triggered, stop)
      if (stop.aborted) return
      const duration = Math.ceil((performance.now() - start) / 1000)
      note(webhook, { time: toSeconds(this.#now()), duration, ...result })
    }
    if (!stop.aborted) this.#waiting.delete(webhook)
  }

  /** `error` is empty when the receiver answered 2xx in time. A redirect is not followed, so it counts as an error. */
  async #call (
    webhook: Webhook, triggered: Date, stop: AbortSignal
  ): Promise<Pick<WebhookCall, 'statusCode' | 'error'>> {
    const headers = new Headers(webhook.headers)
    headers.set('authorization', `Bearer ${signJwt(webhook.secret, this.#now())}`)
    if (webhook.method === 'POST') headers.set('content-type', 'application/json')
    try {
      const response = await fetch(webhook.url, {
        method: webhook.method,
        headers,
        body: webhook.method === 'POST' ? JSON.stringify(payloadOf(webhook, triggered)) : null,
        redirect: 'manual',
        signal: AbortSignal.any([stop, AbortSignal.timeout(this.#timeoutMs)])
      })
      await response.body?.cancel()
      return { statusCode: response.status, error: response.ok ? '' : `The receiver answered ${response.status}.` }
    } catch {
      return { statusCode: null, error: 'The receiver did not answer.' }
    }
  }
}

function note (webhook: Webhook, call: WebhookCall): void {
  const { stats } = webhook
  if (call.error === '') {
    webhook.lastSuccess = call
    stats.success += 1
    stats.failureSinceLastSuccess = 0
  } else {
    webhook.lastFailure = call
    stats.failure += 1
    stats.failureSinceLastSuccess += 1
  }
}

const processingTimeout = 600

/** The members are those of a body that Connect sent (cloudblue/connect-fulfillment-zapier-app, 2020). */
function payloadOf (webhook: Webhook, triggered: Date): Record<string, unknown> {
  return {
    webhook_id: webhook.id,
    webhook_name: webhook.label,
    object_class: 'usage_file',
    account_id: webhook.account.id,
    product_id: webhook.product.id,
    api_url: webhook.apiUrl,
    triggered_at: toSeconds(triggered),
    last_success_at: webhook.lastSuccess?.time ?? null,
    last_failure_at: webhook.lastFailure?.time ?? null,
    processing_timeout: processingTimeout
  }
}

/** Signed by HS256, as Connect's tokens are. Which claims Connect sends is not known: here only the time (`iat`). */
function signJwt (secret: string, now: Date): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iat: Math.floor(now.getTime() / 1000) })}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
