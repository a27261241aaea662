import type { Test } from 'tap'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import { makeApp } from '../helper.ts'
import { response, timeout } from '../usage/failures.ts'
import { caller, connectFile, FILE_ID, type Method } from './call.ts'
import { fakeConnect } from './fake-connect.ts'

export interface ActionCase {
  path: string
  method?: Method
  /** Connect's client method. */
  operation: 'submit' | 'accept' | 'reject' | 'approveAll' | 'close' | 'reprocess' | 'delete' | 'update'
  role: 'vendor' | 'provider'
  body?: object
  /** A status that allows the action and one that does not. */
  from: string
  wrong: string
  /** The file once the action took effect. */
  done: ConnectFile
  status: number
  /** What Connect is asked besides the id. */
  sends: unknown[]
}

/** What holds for every action on a usage file, whatever it is. */
export async function testFileAction (t: Test, action: ActionCase): Promise<void> {
  const { path, method = 'POST', operation, role, body, from, wrong, done, status, sends } = action
  const url = `/v1/usage-files/${FILE_ID}${path}`
  const run = async (t: Test, send: () => unknown, reads: (ConnectFile | Error)[]) => {
    const { connect, calls } = fakeConnect({
      usageFiles: {
        [operation]: send,
        get: () => {
          const next = reads.length > 1 ? reads.shift() : reads[0]
          if (next instanceof Error) throw next
          return next
        }
      },
      usageRecords: { count: () => (reads[0] as ConnectFile).status === done.status && reads[0] === done ? 0 : 3 }
    })
    const { app } = await makeApp(t, { connect })
    const call = caller(t, app, role, 'UsageFile')
    return { call, calls, reply: await call(method, url, body) }
  }
  const before = connectFile(from)
  const fail = (error: Error) => () => { throw error }
  const sendsOf = (calls: { operation: string; args: unknown[] }[]) =>
    calls.filter(one => one.operation === `usageFiles.${operation}`)

  await t.test('the action is sent once, and the answer shows the file after it', async (t) => {
    const { reply, calls } = await run(t, () => done, [done])
    t.equal(reply.status, status)
    if (status !== 204) t.match(reply.json, { id: FILE_ID, status: done.status })
    t.same(sendsOf(calls).map(call => call.args), [[FILE_ID, ...sends]])
  })

  await t.test('a success that the file denies is OUTCOME_UNKNOWN, where the file would show it', async (t) => {
    for (const answer of [null, {}, before]) {
      const { reply, calls } = await run(t, () => answer, [before])
      if (operation === 'reprocess' || (operation === 'approveAll' && answer === before)) t.equal(reply.status, status)
      else t.match(reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
      t.equal(sendsOf(calls).length, 1)
    }
  })

  await t.test('a status that forbids the action is 409', async (t) => {
    const { reply } = await run(t, fail(response(400, 'Wrong state.')), [connectFile(wrong)])
    t.match(reply, {
      status: 409,
      json: {
        code: 'ACTION_NOT_ALLOWED',
        currentStatus: wrong,
        actions: Array,
        connect: { status: 400, errors: ['Wrong state.'] }
      }
    })
  })

  await t.test('a refusal for another reason is passed on', async (t) => {
    const { reply } = await run(t, fail(response(400, 'The moon is full.')), [before])
    t.match(reply, { status: 400, json: { code: 'CONNECT_REJECTED', connect: { errors: ['The moon is full.'] } } })
  })

  await t.test('a lost answer is a success when the action took effect', async (t) => {
    const { reply, calls } = await run(t, fail(timeout()), method === 'PATCH' ? [before, done] : [done])
    t.equal(reply.status, status)
    t.equal(sendsOf(calls).length, 1)
  })

  await t.test('a lost answer is OUTCOME_UNKNOWN when the action may still take effect', async (t) => {
    const { reply, calls } = await run(t, fail(timeout()), [before])
    t.match(reply, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
    t.equal(sendsOf(calls).length, 1)
  })

  await t.test('a failure that changed nothing is passed on', async (t) => {
    t.match((await run(t, fail(response(500)), [before])).reply, { status: 502, json: { code: 'UPSTREAM_FAILED' } })
  })

  await t.test('a wrong id is 400, and the other role is 403', async (t) => {
    const { connect, calls } = fakeConnect({})
    const { app } = await makeApp(t, { connect })
    t.match(await caller(t, app, role, '')(method, `/v1/usage-files/UF-1%2F..%2Fx${path}`, body), {
      status: 400,
      json: { code: 'VALIDATION_FAILED', errors: [{ path: 'path.fileId' }] }
    })
    t.match(await caller(t, app, role === 'vendor' ? 'provider' : 'vendor', '')(method, url, body), {
      status: 403,
      json: { code: 'SCOPE_MISSING' }
    })
    t.same(calls, [], 'nothing upstream')
  })
}

/** For actions that take no body at all. */
export async function testWithoutBody (
  t: Test,
  { path, method = 'POST', role }: Pick<ActionCase, 'path' | 'method' | 'role'>
): Promise<void> {
  await t.test('the action takes no body', async t => {
    const { connect, calls } = fakeConnect({})
    const { app } = await makeApp(t, { connect })
    t.match(await caller(t, app, role, '')(method, `/v1/usage-files/${FILE_ID}${path}`, { note: 'x' }), {
      status: 400,
      json: { code: 'VALIDATION_FAILED', errors: [{ path: 'body' }] }
    })
    t.same(calls, [])
  })
}
