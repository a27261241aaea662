import t from 'tap'
import { Decimal } from '../src/decimal.ts'
import { writeJson } from '../src/http/json.ts'

t.test('a decimal is written digit for digit', async (t) => {
  const texts = ['9007199254740993.12345678', '45.0000', '0.0', '-0.10', '1e3', '10000000000000000']
  for (const text of texts) t.equal(writeJson({ a: new Decimal(text) }), `{"a":${text}}`)
})

t.test('a float is the nearest double, as Python writes it', async (t) => {
  const pairs = [
    ['1', '1.0'], ['0', '0.0'], ['-2', '-2.0'], ['45.0000', '45.0'], ['0.10', '0.1'], ['0.0001', '0.0001'],
    ['0.00001', '1e-05'], ['-0.0000123', '-1.23e-05'], ['1e-10', '1e-10'], ['1e-323', '1e-323'],
    ['9999999999999998', '9999999999999998.0'], ['10000000000000000', '1e+16'], ['1e100', '1e+100'],
    ['9999999999999999.99', '1e+16'], ['9007199254740993.12', '9007199254740994.0'],
    ['123456789012345.67891', '123456789012345.67'], ['0.30000000000000004', '0.30000000000000004'],
    ['1234567890123456789', '1.2345678901234568e+18'], ['1e999', '1e999']
  ] as const
  for (const [given, text] of pairs) t.equal(new Decimal(given).toFloat().text, text, given)
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
  t.equal(sum('9007199254740993.12345678', '0.00000001'), '9007199254740993.12345679')
  t.equal(sum('0.1', '0.2'), '0.3')
  t.equal(sum('2', '3'), '5')
  t.equal(sum('1', '2.5', '-0.25'), '3.25')
  t.equal(sum('-1', '0.75'), '-0.25')
  t.equal(sum('1e3', '1.5e-2'), '1000.015')
  t.equal(sum(), '0')
  t.equal(new Decimal('12.99').whole().text, '12')
})

t.test('undefined members are left out and text is escaped', async (t) => {
  t.equal(writeJson({ a: undefined, b: null, c: ['"', true, 1.5], d: {} }), '{"b":null,"c":["\\"",true,1.5],"d":{}}')
})
