import t from 'tap'
import { decimalsOf, exceeds, numberText, padDecimals, parseDecimal } from '../../src/workbooks/decimal-text.ts'

t.test('a decimal is kept digit for digit', async t => {
  const texts: readonly (readonly [string, string | null])[] = [
    ['4.0000', '4.0000'],
    [' 7.0 ', '7.0'],
    ['9007199254740993.12345678', '9007199254740993.12345678'],
    ['-3.5', '-3.5'],
    ['007.50', '7.50'],
    ['0', '0'],
    ['-0.00', '0.00'],
    ['000', '0'],
    ['', null],
    ['.5', null],
    ['5.', null],
    ['+5', null],
    ['1,5', null],
    ['1e3', null],
    ['NaN', null],
    ['9'.repeat(41), null]
  ]
  for (const [text, decimal] of texts) t.equal(parseDecimal(text), decimal, JSON.stringify(text))
})

t.test('trailing zeros are no decimals', async t => {
  t.same(['4', '4.0000', '4.0100', '-4.5'].map(decimalsOf), [0, 0, 2, 1])
})

t.test('zeros are added but no digit is lost', async t => {
  t.same(
    [padDecimals('45', 4), padDecimals('45.5', 0), padDecimals('45', 0), padDecimals('1.123456', 4)],
    ['45.0000', '45.5', '45', '1.123456']
  )
})

t.test('a bound is compared with all digits', async t => {
  t.same(
    ['9.9', '10', '10.0', '10.1', '-10.1', '11'].map(decimal => exceeds(decimal, 10n)),
    [false, false, false, true, true, true]
  )
})

t.test('a number is written without an exponent', async t => {
  t.same([554027867388, 11.7162, 1e21, 1.5e22, 1e-7, -1.25e-8, 0.1 + 0.2, -0].map(numberText), [
    '554027867388',
    '11.7162',
    '1000000000000000000000',
    '15000000000000000000000',
    '0.0000001',
    '-0.0000000125',
    '0.30000000000000004',
    '0'
  ])
})
