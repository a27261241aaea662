import { execFile } from 'node:child_process'
import t from 'tap'
import { receiveNdjson } from '../../src/closing/receive-records.ts'
import { countTurns } from './fixture.ts'
import { ID, line, many, refusal, take } from './receive-fixture.ts'

t.test('other requests run while a body that has arrived is read', async (t) => {
  const endCount = countTurns()
  const body = Buffer.from(`${line(1)}\n`.repeat(150_000))
  const startedAt = performance.now()
  t.equal((await take(receiveNdjson, body)).records.length, 150_000)
  const ms = performance.now() - startedAt
  const turns = endCount()
  t.ok(turns >= 4, `${turns} turns in ${Math.round(ms)} ms`)
})

t.test('a field that comes twice is found in one pass over the text', async (t) => {
  const quotes = '\\"'.repeat(7000)
  const twice = `{"externalBillingNote":"${quotes}","id":"${ID}","externalBillingId":"x","externalBillingNote":null}`
  const startedAt = performance.now()
  const { errors } = await refusal(t, receiveNdjson, `${twice}\n`.repeat(50))
  t.equal(errors.join(), many(50, n => `line ${n + 1} has a field twice`))
  t.ok(performance.now() - startedAt < 3000, 'it was 0.2 s a line')
})

const BODIES = {
  members: ['{"records":[],"m0":', '[[],[],[],[],[],[],[],[]],"m":'],
  linesOfNothing: ['', 'x\n'],
  recordsWithoutId: ['{"records":[{}', ',{}'],
  recordsWithoutBilling: ['{"records":[', `{"id":"${ID}"},`],
  unknownNames: ['', `{${many(90, n => `"${String(n).padStart(150, 'n')}":1`)}}\n`],
  longNames: ['{"records":[', `{"id":"${ID}","${'n'.repeat(16_000)}":[]},`]
}

t.test('40 MiB of any content are accepted or refused within a heap of 32 MiB', async (t) => {
  for (const [name, [begin = '', repeated = '']] of Object.entries(BODIES)) {
    const code = await inSmallHeap(begin, repeated)
    t.ok(['VALIDATION_FAILED', 'MALFORMED_BODY'].includes(code), `${name}: ${code}`)
  }
})

/** Takes the body in in a process of its own; gives the code it is refused with. */
async function inSmallHeap (begin: string, repeated: string): Promise<string> {
  const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
  const script = `
    import { receiveJson, receiveNdjson } from ${url('../../src/closing/receive-records.js')}
    import { SpooledRecords } from ${url('../../src/closing/spooled-records.js')}
    const [begin, repeated] = JSON.parse(process.argv[1])
    const chunk = Buffer.from(repeated.repeat(Math.ceil(65536 / repeated.length)))
    const body = async function * () {
      yield Buffer.from(begin)
      for (let left = 40 * 2 ** 20; left > 0; left -= chunk.length) {
        // No name comes twice.
        const text = chunk.toString().replaceAll('"m"', () => '"m' + (left -= 1) + '"')
        yield Buffer.from(text)
      }
    }
    const place = { write: async () => {}, close: async () => {} }
    const receive = begin === '' ? receiveNdjson : receiveJson
    const received = receive(body(), new SpooledRecords(place))
    process.stdout.write(await received.then(() => 'taken', error => error.code ?? String(error)))`
  const args = ['--max-old-space-size=32', '--input-type=module', '-e', script, JSON.stringify([begin, repeated])]
  return await new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout) => {
      resolve(stdout === '' ? String(error?.message).slice(0, 300) : stdout)
    })
  })
}
