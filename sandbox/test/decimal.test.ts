import t from 'tap'
import { Decimal } from '../src/decimal.ts'
import { writeJson } from '../src/http/json.ts'

t.test('a decimal is written digit for digit', async (t) => {
  const texts = ['9007199254740993.12345678', '45.0000', '0.0', '-0.10', '1e3', '10000000000000000']
  for (const text of texts) t.equal(writeJson({ a: new Decimal(text) }), `{"a":${text}}`)
})

t.test('what JSON does not allow is brought into its form', async (t) => {
  const pairs = [
    ['007', '7'],
    ['+5', '5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['-.5', '-0.5'],
    [' 4.20 ', '4.20'],
    ['', '0'],
    ['x', '0'],
    ['00.50', '0.50']
  ] as const
  for (const [given, text] of pairs) t.equal(new Decimal(given).text, text)
})

t.test('sums keep every digit', async (t) => {
  const sum = (...texts: string[]): string => Decimal.sum(texts.map((text) => new Decimal(text))).text
  t.equal(sum('9007199254740993.12345678', '0.00000002'), '9007199254740993.12345680')
  t.equal(sum('1', '2.5', '-0.25'), '3.25')
  t.equal(sum('-1', '0.75'), '-0.25')
  t.equal(sum('1e3', '1.5e-2'), '1000.015')
  t.equal(sum(), '0')
  t.equal(new Decimal('12.99').whole().text, '12')
})

t.test('undefined members are left out and text is escaped', async (t) => {
  t.equal(writeJson({ a: undefined, b: null, c: ['"', true, 1.5], d: {} }), '{"b":null,"c":["\\"",true,1.5],"d":{}}')
})
