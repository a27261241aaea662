import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createSpool } from '../../src/streaming/spool.ts'

const words = { taken: 'All places are taken.', noRoom: 'The disk is full.' }
const overloaded = (message: string) => ({ code: 'OVERLOADED', message })

t.test('whoever has no place is told in the words of its operation', async (t) => {
  const spool = createSpool(tmpdir(), 1, words)
  const place = await spool.open()
  await t.rejects(spool.open(), overloaded(words.taken))
  await place.close()
  await t.rejects(place.write(Buffer.from('x')), overloaded(words.noRoom), 'a write that fails')
  await (await spool.open()).close()
})

t.test('a folder that cannot be written takes no place', async (t) => {
  const spool = createSpool(join(tmpdir(), 'nowhere', 'at-all'), 1, words)
  for (let time = 0; time < 2; time++) await t.rejects(spool.open(), overloaded(words.noRoom))
})
