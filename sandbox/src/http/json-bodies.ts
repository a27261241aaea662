import type { FastifyInstance } from 'fastify'
import { badRequest } from '../connect-error.ts'
import type { Sandbox } from '../sandbox.ts'
import { entryOf } from './request-context.ts'

/**
 * Parses JSON bodies, and notes their texts in the ledger. An empty body is undefined. So is a body of another media
 * type: it is read and dropped, except the form of an upload (`receiveForm`).
 */
export function addBodyParsers (app: FastifyInstance, sandbox: Sandbox): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    const entry = entryOf(request)
    if (entry) sandbox.ledger.keepBody(entry, String(text))
    if (text.length === 0) return done(null, undefined)
    try {
      done(null, JSON.parse(String(text)))
    } catch {
      done(badRequest('JSON parse error.'), undefined)
    }
  })
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.on('end', () => done(null, undefined)).on('error', done).resume()
  })
}
