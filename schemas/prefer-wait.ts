import { Type } from 'typebox'

/** What the OpenAPI document shows about `Prefer: wait`: the request header, and the response header. */
export const PREFER_WAIT_DOCUMENT = {
  header: Type.Object({
    Prefer: Type.Optional(Type.String({
      maxLength: 1000,
      description:
        '`wait=20`: the answer comes when Connect no longer works on the object, or as the object is after so many ' +
        'seconds, from 1 to 50 (RFC 7240). On a GET with `If-None-Match` the answer comes as soon as the `ETag` ' +
        'differs. Any other value is ignored.',
      examples: ['wait=20']
    }))
  }),
  applied: {
    'preference-applied': { type: 'string', description: '`wait=N` when the service waited as `Prefer` asked.' }
  }
}
