import t from 'tap'
import { toReconciliation } from '../../src/usage/mapping/reconciliation.ts'
import { toUsageChunk } from '../../src/usage/mapping/usage-chunk.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'
import { toUsageRecord } from '../../src/usage/mapping/usage-record.ts'
import {
  counter,
  decimal,
  iconReference,
  integer,
  isDay,
  oneOf,
  precision,
  prose,
  reference,
  rowErrors,
  stats,
  time
} from '../../src/usage/mapping/normalize.ts'
import { PROVIDER, VENDOR } from '../credentials.ts'

t.test('times become ISO 8601 in UTC', async (t) => {
  const cases: [unknown, string | null][] = [
    ['2020-04-22T15:14:01.267266+00:00', '2020-04-22T15:14:01.267266Z'],
    ['2029-01-01T00:00:00+00:00', '2029-01-01T00:00:00Z'],
    ['2020-12-31T22:30:00.000001-03:00', '2021-01-01T01:30:00.000001Z'],
    ['2020-12-31T22:30:00+0530', '2020-12-31T17:00:00Z'],
    ['2019-03-01T10:00:00Z', '2019-03-01T10:00:00Z'],
    ['2019-03-01 10:00:00', '2019-03-01T10:00:00Z'],
    ['2019-03-01T10:00', '2019-03-01T10:00:00Z'],
    ['2026-01-31', '2026-01-31T00:00:00Z'],
    ['2024-02-29T23:59:59.5+00:00', '2024-02-29T23:59:59.5Z'],
    ['2026-02-29T00:00:00+00:00', null],
    ['1900-02-29T00:00:00Z', null],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00Z'],
    ['2026-13-01T00:00:00Z', null],
    ['2026-00-10T00:00:00Z', null],
    ['2026-04-31T00:00:00Z', null],
    ['2026-04-00T00:00:00Z', null],
    ['2026-04-30T25:00:00Z', null],
    ['2026-04-30T24:00:00Z', '2026-05-01T00:00:00Z'],
    ['2026-12-31T24:00', '2027-01-01T00:00:00Z'],
    ['2026-04-30T24:00:00.000+02:00', '2026-04-30T22:00:00.000Z'],
    ['2026-04-30T24:00:00.5Z', null],
    ['2026-04-30T24:00:01Z', null],
    ['2026-04-30T24:01:00Z', null],
    ['2026-04-30T23:60:00Z', null],
    ['2026-04-30T23:59:60Z', null],
    [' 2026-04-30T23:59:59z ', '2026-04-30T23:59:59Z'],
    ['2026-02-30', null],
    ['2026-02-30T10:00:00Z', null],
    ['soon', null],
    ['', null],
    [null, null],
    [undefined, null],
    [5, null]
  ]
  for (const [given, expected] of cases) t.equal(time(given), expected, String(given))
  t.equal(time('2026-01-31', 'end'), '2026-01-31T23:59:59Z', 'a bare date ends with its day')
})

t.test('a day that JavaScript would roll over does not exist', async (t) => {
  const wrong: string[] = []
  for (const year of ['0000', '1900', '1999', '2000', '2024', '2026', '2100', '9999']) {
    for (let month = 0; month <= 13; month += 1) {
      for (let day = 0; day <= 32; day += 1) {
        const date = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
        const rolled = new Date(`${date}T00:00:00Z`)
        if (isDay(date) !== (!Number.isNaN(rolled.getTime()) && rolled.toISOString().startsWith(date))) wrong.push(date)
      }
    }
  }
  t.same(wrong, [])
  for (const odd of ['', '2026-1-010', '2026/01/01', '2026-01-01T', '1e3-01-01']) t.equal(isDay(odd), false, odd)
})

t.test('decimals keep every digit', async (t) => {
  for (const digits of ['9007199254740993.12345678', '4.0000', '-0.5', '0', '1234567890123456789.00000001']) {
    t.equal(decimal(digits), digits)
  }
  t.equal(decimal(45), '45')
  t.equal(decimal(0.25), '0.25')
  t.equal(decimal(1e21), '1000000000000000000000')
  for (const [literal, shown] of [
    ['1E+2', '100'], ['1e-3', '0.001'], [' 1e-3 ', '0.001'], ['1.50E1', '15.0'],
    ['-9007199254740993.12e-2', '-90071992547409.9312'],
    ['12345678901234567890e-8', '123456789012.34567890'], ['1e999', null]
  ] as const) t.equal(decimal(literal), shown, literal)
  for (const odd of ['', 'many', null, undefined, Number.NaN, {}, true]) t.equal(decimal(odd), null)
})

t.test('exponents become plain digits, exactly', async (t) => {
  const cases: Readonly<Record<string, string>> = {
    '1e3': '1000', '1E+3': '1000', '-1.5e2': '-150', '1.2345e2': '123.45', 1.5e-7: '0.00000015', '12e-1': '1.2',
    '0e5': '0', '0.0e2': '0', '0.5e1': '5', '0.05e1': '0.5', '100e-2': '1.00', '9007199254740993e-4':
    '900719925474.0993', '1e16': '10000000000000000', '1e0': '1'
  }
  for (const [literal, plain] of Object.entries(cases)) {
    t.equal(decimal(literal), plain, literal)
    t.equal(Number(plain), Number(literal), `${literal} is the same number`)
  }
  t.equal(decimal(1.5e-7), '0.00000015', 'a number too')
  for (const odd of ['1e999999999', '1e401', '1.', '.5', '+1', '1e', '-', '1.2.3', 'NaN', Infinity]) {
    t.equal(decimal(odd), null, String(odd))
  }
})

t.test('known words are read in any case', async (t) => {
  t.equal(oneOf(['reservation', 'ppu'], 'PPU'), 'ppu')
  t.equal(oneOf(['reservation', 'ppu'], 'Reservation'), 'reservation')
  t.equal(oneOf(['qt'], 'QT'), 'qt')
  t.equal(oneOf(['qt'], 'zz'), null)
  t.equal(oneOf(['qt'], null), null)
  for (const spelt of ['Decimal(4)', 'decimal(4)', 'DECIMAL(4)', 'decimal_4', 'Decimal 4']) {
    t.equal(precision(spelt), 'decimal(4)', spelt)
  }
  t.equal(precision('Integer'), 'integer')
  t.equal(precision(null), null)
})

t.test('a reference has an id and a name, or is null', async (t) => {
  t.same(reference({ id: 'HB-1', name: 'Hub', more: 1 }), { id: 'HB-1', name: 'Hub' })
  t.same(reference('VA-674-253'), { id: 'VA-674-253', name: null }, 'a bare id')
  t.same(reference('Acme Inc'), { id: null, name: 'Acme Inc' }, 'a bare name')
  t.equal(reference(null), null)
  t.equal(reference(''), null)
  t.equal(reference([1]), null)
  t.same(iconReference({ id: 'MP-1' }), { id: 'MP-1', name: null, icon: null })
  for (const [icon, shown] of [
    ['', null], ['/media/p.png', null], ['media/p.png', null], ['//host/p.png', null], [5, null],
    ['javascript:alert(1)', null], ['https://cdn.example/p.png', 'https://cdn.example/p.png']
  ] as const) t.same(iconReference({ id: 'VA-1', name: 'A', icon }), { id: 'VA-1', name: 'A', icon: shown })
})

t.test('counters and whole numbers are read from numbers and texts', async (t) => {
  t.same([3, undefined, null, -1, 1.5, 'x'].map(counter), [3, 0, 0, 0, 0, 0])
  t.same(['7', ' 12 ', '12.0', '-1', '1.5', ''].map(counter), [7, 12, 12, 0, 0, 0])
  t.same([integer(0), integer('10000'), integer(1.5), integer(null), integer('x')], [0, 10000, null, null, null])
  t.same(stats({ uploaded: 12, validated: 12 }), {
    uploaded: 12,
    validated: 12,
    pending: 0,
    accepted: 0,
    closed: 0,
    billed: 0
  })
  t.same(stats(null), { uploaded: 0, validated: 0, pending: 0, accepted: 0, closed: 0, billed: 0 })
})

t.test('row errors pair codes with their texts', async (t) => {
  const cases: [string, unknown, unknown, unknown][] = [
    ['none', undefined, null, []],
    ['empty', '', '', []],
    ['one of each', 'USG_011', 'Unknown MPN', [{ code: 'USG_011', message: 'Unknown MPN' }]],
    [
      'pairs by semicolon',
      'USG_011,USG_013',
      'row 2: Unknown MPN; row 2: Unknown asset',
      [
        { code: 'USG_011', message: 'row 2: Unknown MPN' },
        { code: 'USG_013', message: 'row 2: Unknown asset' }
      ]
    ],
    [
      'pairs by line',
      'A, B',
      'first\nsecond',
      [
        { code: 'A', message: 'first' },
        { code: 'B', message: 'second' }
      ]
    ],
    [
      'lists',
      ['A', 'B'],
      ['first', 'second'],
      [
        { code: 'A', message: 'first' },
        { code: 'B', message: 'second' }
      ]
    ],
    [
      'counts that differ stay together',
      'A,B',
      'one text; two text; three',
      [{ code: 'A,B', message: 'one text; two text; three' }]
    ],
    ['a text with a semicolon', 'A', 'Unknown MPN; use another', [{ code: 'A', message: 'Unknown MPN; use another' }]],
    ['a text without a code', null, 'Late; see above', [{ code: null, message: 'Late; see above' }]],
    [
      'lines with semicolons',
      'A,B',
      'one; two\nthree; four',
      [
        { code: 'A', message: 'one; two' },
        { code: 'B', message: 'three; four' }
      ]
    ],
    [
      'a list without codes',
      '',
      ['one; two', 'three'],
      [
        { code: null, message: 'one; two' },
        { code: null, message: 'three' }
      ]
    ],
    ['lists that differ stay together', ['A'], ['x', 'y'], [{ code: 'A', message: 'x; y' }]],
    [
      'only codes',
      'A,B',
      null,
      [
        { code: 'A', message: null },
        { code: 'B', message: null }
      ]
    ],
    ['only texts', null, 'broken', [{ code: null, message: 'broken' }]],
    ['a hundred codes', 'A,'.repeat(99) + 'A', '', Array(100).fill({ code: 'A', message: null })],
    ['more codes stay together', ['B', ...Array(100).fill('A')], '', [{ code: `B${',A'.repeat(100)}`, message: null }]],
    ['so do texts', 'A', `${'x; '.repeat(200)}y`, [{ code: 'A', message: `${'x; '.repeat(200)}y` }]],
    ['a million codes are cut', 'a,'.repeat(1e6), null, [{ code: `${'a,'.repeat(499)}a…`, message: null }]]
  ]
  for (const [name, codes, details, expected] of cases) t.same(rowErrors(codes, details), expected, name)
})

t.test('texts of Connect are cleaned: reasons, remarks and row errors', async (t) => {
  const dirty = 'bad\u0007 token SU-111-222-333:canary at https://s.example/f?sig=canary'
  const clean = 'bad  token [redacted] at https://s.example/f?[redacted]'
  const page = '<script>alert(1)</script>'
  const shown = 'Connect gave a text that is not shown here.'
  t.same([prose(dirty), prose(page), prose(''), prose(null), prose(7)], [clean, shown, '', null, '7'])
  t.same(rowErrors(null, [dirty, page]).map(({ message }) => message), [prose(dirty), shown])
  t.same(rowErrors([page, dirty], null).map(({ code }) => code), [shown, prose(dirty)])
  const file = toUsageFile({ id: 'UF-1', error_detail: dirty, note: page }, VENDOR, 'list')
  t.match(file, { errorDetail: prose(dirty), note: page })
  t.equal(toUsageChunk({ id: 'UFC-1', error: { detail: dirty } }, PROVIDER).errorDetail, prose(dirty))
  const notes = { uploaded: page, processing: dirty }
  const reconciliation = toReconciliation({ id: 'RCF-1', error: { detail: page }, notes })
  t.match(reconciliation, { errorDetail: shown, processingNote: prose(dirty), note: page })
  t.same(toUsageRecord({ id: 'UR-1', error_details: dirty }).errors, [{ code: null, message: prose(dirty) }])
})
