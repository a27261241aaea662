import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { asProvider, makeFolder, startApp } from '../helper.ts'
import { createSpool, requireFolder } from '../../src/streaming/spool.ts'

const words = { tooMany: 'All places are taken.', noRoom: 'The disk is full.' }
const overloaded = (message: string) => ({ code: 'OVERLOADED', message })

t.test('a request without a slot gets the message of its operation', async (t) => {
  const spool = createSpool(tmpdir(), 1, words)
  const place = await spool.open()
  await t.rejects(spool.open(), overloaded(words.tooMany))
  await place.close()
  await t.rejects(place.write(Buffer.from('x')), overloaded(words.noRoom), 'a write that fails')
  await (await spool.open()).close()
})

t.test('a folder that cannot be written takes no slot', async (t) => {
  const spool = createSpool(join(tmpdir(), 'nowhere', 'at-all'), 1, words)
  for (let time = 0; time < 2; time++) await t.rejects(spool.open(), overloaded(words.noRoom))
})

t.test('a folder that cannot be written is named at the start, and a usable one stays empty', async (t) => {
  const folder = join(tmpdir(), 'nowhere', 'at-all')
  await t.rejects(requireFolder(folder), {
    name: 'StartError',
    message: `The folder for temporary files, ${folder} (TMPDIR), cannot be written: ENOENT.`
  })
  const sound = t.testdir()
  await requireFolder(sound)
  t.same(readdirSync(sound), [])
})

t.test('a folder that is lost while the service runs is named in the log and not to the caller', async (t) => {
  const env = { STORE_URL: `file:${makeFolder(t)}` }
  const folder = join(makeFolder(t), 'lost')
  mkdirSync(folder)
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  const { origin, logs } = await startApp(t, { env })
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  rmSync(folder, { recursive: true })
  const answer = await fetch(`${origin}/v1/usage-records/close`, {
    method: 'POST',
    headers: { ...asProvider, 'content-type': 'application/x-ndjson' },
    body: '{"id":"UR-2026-11-4410-7719-0001-0001","externalBillingId":"a"}\n'
  })
  const text = await answer.text()
  t.match([answer.status, JSON.parse(text)], [503, { code: 'OVERLOADED' }])
  t.notMatch(text, folder)
  t.match(
    logs.filter(({ level }) => level === 'error'),
    [{ err: { cause: { code: 'ENOENT', message: new RegExp(folder) } } }]
  )
})
