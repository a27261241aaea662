import { isUtf8 } from 'node:buffer'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'
import { invalidField } from '../validation.ts'

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i
const UTF8 = ['utf-8', 'utf8', 'us-ascii']

/** JSON bodies: UTF-8, with every member once. They are collected and parsed before the operation runs. */
export const jsonBodies = fp(async (app) => {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase()
    if (charset !== undefined && !UTF8.includes(charset)) {
      return done(new AppError('UNSUPPORTED_MEDIA_TYPE', 'JSON is UTF-8 and nothing else (RFC 8259).'))
    }
    if (!isUtf8(body as Buffer)) return done(new AppError('MALFORMED_BODY', 'The body is not UTF-8.'))
    const text = body.toString()
    // Many clients name JSON for an empty body: it is none, and whether one is needed the schema says.
    if (text === '') return done(null, null)
    void parse(request, text, (error, value: unknown) => {
      const repeated = error === null ? repeatedMember(text) : null
      if (repeated === null) done(error, value)
      else done(invalidField(`body.${repeated}`, 'must be given once'))
    })
  })
}, { name: 'json-bodies' })

/** More than any body here has; what is deeper is refused by its schema. */
const MAX_DEPTH = 16
const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g

/**
 * The path of the first member that a text of valid JSON gives twice in one object, or null. A parser keeps the last of
 * them without a word, and it may be the id that usage is billed under.
 */
export function repeatedMember (text: string): string | null {
  const open: { names: Set<string>, path: string, at: string }[] = []
  for (const [token, string, colon] of text.matchAll(TOKEN)) {
    const inner = open.at(-1)
    if (token === '{' || token === '[') {
      if (open.length === MAX_DEPTH) return null
      const path = inner === undefined ? '' : inner.at === '' ? inner.path : `${inner.path}${inner.at}.`
      open.push({ names: new Set(), path, at: '' })
    } else if (string === undefined) {
      open.pop()
    } else if (colon !== undefined && inner !== undefined) {
      const name = JSON.parse(string) as string
      inner.at = name.slice(0, 64)
      if (inner.names.has(name)) return inner.path + inner.at
      inner.names.add(name)
    }
  }
  return null
}
