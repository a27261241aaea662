import { Type } from 'typebox'
import { pattern } from './patterns.ts'
import { problem, RETRY_AFTER_PROBLEM } from './problem.ts'

const FORM =
  'Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the ' +
  'same key when you repeat the request.'

const header = (description: string) => Type.Object({
  'Idempotency-Key': Type.Optional(Type.String({
    minLength: 1,
    maxLength: 255,
    ...pattern('^[\\x21-\\x7e]+$', 'must be visible ASCII characters'),
    description: `${description} ${FORM}`,
    examples: ['2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10']
  }))
})

/**
 * What the OpenAPI document shows about `Idempotency-Key` for every write that takes a key: the request header, the
 * response header, and the problems.
 */
export const IDEMPOTENCY_DOCUMENT = {
  header: header(
    'Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the ' +
    'first request.'
  ),
  /** The request header of operations whose response is not stored under the key (bulk closes). */
  rerunHeader: header(
    'Belongs to this body for 24 hours: the same key with another body is 422. The service keeps no answer here. The ' +
    'same key with the same body runs again, and a record that is closed with its billing id is not closed a second ' +
    'time. It is also safe to repeat the request without a key.'
  ),
  replayed: {
    'idempotency-replayed': {
      type: 'string',
      description: '`true` when this is the answer of an earlier request with the same `Idempotency-Key`.'
    }
  },
  problems: {
    409: problem(
      {
        description: 'Or a request with the same `Idempotency-Key` is still running (`IDEMPOTENCY_IN_FLIGHT`).',
        code: 'IDEMPOTENCY_IN_FLIGHT',
        detail: 'A request with this Idempotency-Key is under way. Send it again when that is over.'
      },
      RETRY_AFTER_PROBLEM
    ),
    422: problem({
      description: 'Or the `Idempotency-Key` was used for another request (`IDEMPOTENCY_MISMATCH`).',
      code: 'IDEMPOTENCY_MISMATCH',
      detail: 'This Idempotency-Key was used for another request. Send a new request with a new key.'
    })
  }
}
