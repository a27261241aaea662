import { isUtf8 } from 'node:buffer'
import fp from 'fastify-plugin'
import { AppError, invalidField } from '../../errors/app-error.ts'
import { exceededBound } from '../../limits/json-bounds.ts'
import { repeatedMember } from '../../limits/repeated-member.ts'

/** The most elements of a list, and members of an object. No allowed body has even a hundred. */
const MAX_ELEMENTS = 1_000

/** An empty body becomes null. A member that stands twice is VALIDATION_FAILED, other faults of JSON MALFORMED_BODY. */
export const jsonBodies = fp(async (app) => {
  // `__proto__` and `constructor` are members like any other. The schemas refuse them by name, as unknown members.
  const parse = app.getDefaultJsonParser('ignore', 'ignore')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (!isUtf8(body as Buffer)) return done(new AppError('MALFORMED_BODY', 'The body is not UTF-8.'))
    // Without this check, a hostile body of 1 MiB could keep the process busy for a second: all requests would wait.
    if (exceededBound(body as Buffer, MAX_ELEMENTS) !== null) {
      return done(new AppError('MALFORMED_BODY', 'The body has more members or levels than any request needs.'))
    }
    const text = body.toString()
    // Many clients send Content-Type: application/json without a body. The schema decides whether a body is needed.
    if (text === '') return done(null, null)
    void parse(request, text, (error, value: unknown) => {
      const repeated = error === null ? repeatedMember(text) : null
      if (repeated === null) done(error, value)
      else done(invalidField(`body.${repeated}`, 'must be given once'))
    })
  })
}, { name: 'json-bodies' })
