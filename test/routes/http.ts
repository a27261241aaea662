import { XLSX } from '../../src/media-types.ts'
import { asProvider, asVendor, type StartedApp } from '../helper.ts'
import { conformsTo } from './validate-answer.ts'

export interface HttpReply {
  status: number
  headers: Headers
  json: Record<string, unknown>
  bytes: Uint8Array<ArrayBuffer>
}

/** Asks a listening app; JSON answers must be as the resource named, problems as problems. */
export function http ({ origin }: Pick<StartedApp, 'origin'>, role: 'vendor' | 'provider') {
  return async (
    method: string,
    path: string,
    resource: string,
    body?: object | FormData | Uint8Array<ArrayBuffer>
  ): Promise<HttpReply> => {
    const isRaw = body instanceof FormData || body instanceof Uint8Array
    const type =
      body instanceof Uint8Array
        ? { 'content-type': XLSX }
        : body === undefined || isRaw
          ? {}
          : { 'content-type': 'application/json' }
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: { ...(role === 'vendor' ? asVendor : asProvider), ...type },
      ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) })
    })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    const isJson = /json/.test(answer.headers.get('content-type') ?? '')
    const json = isJson ? (JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>) : {}
    if (answer.status >= 400) conformsTo('Problem', json)
    else if (isJson && 'items' in json) for (const item of json['items'] as unknown[]) conformsTo(resource, item)
    else if (isJson) conformsTo(resource, json)
    return { status: answer.status, headers: answer.headers, json, bytes }
  }
}

export type Http = ReturnType<typeof http>
