import t from 'tap'
import { readSheetTime, sheetTime } from '../../src/workbooks/sheet-time.ts'

t.test('domain 4.1: a time is read with or without the leading zero of its hour', async t => {
  t.equal(readSheetTime('2020-02-25 9:21:39'), '2020-02-25T09:21:39+00:00')
  t.equal(readSheetTime(' 2020-02-29 09:21:39 '), '2020-02-29T09:21:39+00:00')
})

t.test('a date cell is read to the second', async t => {
  t.equal(readSheetTime(new Date('2026-10-05T09:21:38.998Z')), '2026-10-05T09:21:39+00:00')
})

t.test('what is no existing time is refused', async t => {
  const wrong = [
    '2026-02-30 00:00:00',
    '2026-13-01 00:00:00',
    '2026-10-00 00:00:00',
    '2026-10-01 24:00:00',
    '2026-10-01 10:60:00',
    '2026-10-01 10:00:60',
    '0020-10-01 10:00:00',
    '2026-10-01T10:00:00',
    '2026-10-01 10:00',
    '2026-10-01 10:00:00Z',
    '01/10/2026 10:00:00',
    '',
    46000.5,
    true,
    null,
    undefined,
    new Date(NaN),
    new Date(Date.UTC(12000, 0))
  ]
  for (const value of wrong) t.equal(readSheetTime(value), null, String(value))
})

t.test('a time is written as sheets have it', async t => {
  t.equal(sheetTime(new Date('2026-10-05T09:21:39+02:00')), '2026-10-05 07:21:39')
  t.equal(sheetTime(new Date(NaN)), '')
})
