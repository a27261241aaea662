/** Reading JSON bodies: a long list, which is read in parts, gives what JSON.parse gives for the whole text. */
import fc from 'fast-check'
import t from 'tap'
import { ofWholeCharacters, readJsonBytes } from '../../src/connect/http/read-json.ts'
import { createLosslessReader } from '../../src/connect/lossless-json.ts'

const LONG = 80_000
const filler = JSON.stringify({ id: 'UF-1', note: 'x'.repeat(LONG) })
const parse = ofWholeCharacters(text => JSON.parse(text) as unknown)
const read = (text: string | Buffer): unknown => readJsonBytes(Buffer.from(text), parse)

t.test('a long list gives the same elements as one parse of the whole text', (t) => {
  const rows = Array.from({ length: 2_000 }, (_, n) => ({
    id: `UR-${n}`, text: '],[{"\\', letter: 'ä€😀', nested: [[n, [n]], {}], nothing: null, yes: true
  }))
  for (const list of [rows, rows.map(row => JSON.stringify(row)), rows.map((_, n) => [n, ['x'.repeat(50)]])]) {
    for (const text of [JSON.stringify(list), JSON.stringify(list, null, 2), `\ufeff${JSON.stringify(list)} \n`]) {
      t.same(read(text), { value: list })
    }
  }
  t.end()
})

t.test('any list of JSON values is read whole', (t) => {
  fc.assert(fc.property(fc.array(fc.jsonValue(), { maxLength: 20 }), fc.nat(20), (values, at) => {
    const list = [...values.slice(0, at), { long: 'y'.repeat(LONG) }, ...values.slice(at), 'z'.repeat(LONG), ...values]
    const text = JSON.stringify(list)
    t.same(read(text), { value: JSON.parse(text) as unknown })
  }), { numRuns: 200 })
  t.end()
})

t.test('a long text that is not JSON is a fault wherever the fault is', (t) => {
  const faults = [
    `[${filler},]`, `[${filler},,1]`, `[${filler}, ,${filler}]`, `[,${filler}]`, `[${filler},${filler}`, `[${filler}]]`,
    `[${filler}],[1,2]`, `[${filler}][1,2]`, `[${filler},\ufeff1]`, `[${filler},${filler},1]x`, `[${filler}},{"a":1}]`,
    `[${filler} ${filler},1]`, `[${filler},${filler},"\\ud800"]`, `[${filler},01]`
  ]
  for (const text of faults) {
    t.same(read(text), { fault: 'json' }, text.replaceAll(filler, 'LONG'))
  }
  const cut = Buffer.from(`[${filler},"€"]`)
  cut[cut.length - 3] = 0x20
  t.same(read(cut), { fault: 'json' }, 'half of a character in UTF-8')
  t.end()
})

t.test('a long list without elements, or with one, is valid', (t) => {
  t.same(read(`[${' '.repeat(LONG)}]`), { value: [] })
  t.same(read(`[${filler}]`), { value: [JSON.parse(filler) as unknown] })
  t.same(read(`[${' '.repeat(LONG)}1]`), { value: [1] })
  t.end()
})

t.test('the reader of a long list keeps the digits of every element', (t) => {
  const digits = '9007199254740993.10'
  const text = `[${Array.from({ length: 4_000 }, (_, n) => `{"n":${n},"amount":${digits}}`).join(',')}]`
  const { value } = readJsonBytes(Buffer.from(text), createLosslessReader(['amount'])) as { value: object[] }
  t.same(value, Array.from({ length: 4_000 }, (_, n) => ({ n, amount: digits })))
  t.end()
})

t.test('bounds count in a long list as in a short one', (t) => {
  t.same(read(`[${filler},${'['.repeat(32)}${']'.repeat(32)}]`), { fault: 'too-deep' })
  t.same(read(`[${filler},[${'1,'.repeat(10_000)}1]]`), { fault: 'too-many' })
  t.end()
})
