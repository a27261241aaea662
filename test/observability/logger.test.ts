import { pino, type Logger } from 'pino'
import t from 'tap'
import { ConnectResetError } from '../../src/connect/errors.ts'
import { AppError } from '../../src/errors/app-error.ts'
import { loggerOptions } from '../../src/observability/logger.ts'

function logOf (work: (log: Logger<never>) => void): { text: string, line: Record<string, unknown> } {
  let text = ''
  work(pino(loggerOptions('trace'), { write: (line: string) => { text += line } }))
  return { text, line: JSON.parse(text) as Record<string, unknown> }
}

const HEADERS = { 'x-api-key': 'canary-key', Authorization: 'Bearer canary-bearer' }
const request = { headers: HEADERS, url: '/?sig=canary-sig', body: { note: 'canary-note' } }

t.test('requests and answers are not logged as objects', (t) => {
  const { line } = logOf((log) => { log.info({ req: request, res: request }, 'm') })
  t.same(Object.keys(line), ['level', 'time', 'msg'])
  t.end()
})

t.test('an error is logged with its kind, code and message, and with its stack only when unexpected', (t) => {
  const errorOf = (error: unknown): unknown => logOf((log) => { log.error({ err: error }, 'm') }).line['err']
  const bug = Object.assign(new TypeError('x of undefined'), { code: 'E_X', request, config: request })
  t.match(errorOf(bug), { type: 'TypeError', message: 'x of undefined', code: 'E_X', stack: /logger\.test/ })
  t.same(Object.keys(errorOf(bug) as object), ['type', 'message', 'code', 'stack'])
  t.match(errorOf(new AppError('INTERNAL', 'm', { cause: bug })), {
    type: 'AppError',
    code: 'INTERNAL',
    stack: String,
    cause: { type: 'TypeError', stack: String }
  })

  const reset = new ConnectResetError(
    { operation: 'usageFiles.get', method: 'GET', path: '/x' },
    { sent: 'yes', bodyComplete: true, status: null },
    'ECONNRESET'
  )
  const told = errorOf(new AppError('UPSTREAM_RESET', 'm', { cause: reset })) as { cause: object }
  t.same(told, {
    type: 'AppError',
    message: 'm',
    code: 'UPSTREAM_RESET',
    cause: { type: 'ConnectResetError', message: 'usageFiles.get: the connection was lost', code: 'ECONNRESET' }
  })
  t.same(errorOf('canary-text'), { type: 'string', message: 'not an Error' })
  t.end()
})

t.test('a chain of causes is logged to a bounded depth', (t) => {
  const error = new Error('a')
  error.cause = error
  t.match(
    logOf(log => {
      log.error({ err: error })
    }).line,
    { err: { cause: { cause: { cause: { message: 'a' } } } } }
  )
  t.end()
})

t.test('secrets in a log line are removed before the line is written', (t) => {
  const cause = new Error('ApiKey SU-100-200-300:canary-cause at https://s.example/o?sig=canary-sig')
  const { text } = logOf((log) => {
    log
      .child({ headers: HEADERS })
      .error(
        {
          err: new Error('Bearer canary-jwt', { cause }),
          rawHeaders: ['x-api-key', 'canary-raw'],
          nested: { deep: { apiKey: 'canary-deep' } }
        },
        'sent ubff_canary-key'
      )
  })
  t.notMatch(text, /canary-/)
  t.match(text, /Bearer \[redacted\]/)
  t.end()
})
