import t from 'tap'
import { fingerprintOf } from '../../src/idempotency/fingerprint.ts'
import { readKey } from '../../src/idempotency/key.ts'

t.test('a key is the text between the quotes, or the whole header', async (t) => {
  for (const [header, key] of [
    ['a', 'a'],
    ['"a"', 'a'],
    ['"', '"'],
    ['"a', '"a'],
    ['a"', 'a"'],
    ['a"b', 'a"b'],
    ['"a\\"b"', 'a"b'],
    ['"a\\\\b"', 'a\\b'],
    ['a\\b', 'a\\b'],
    ['!~', '!~'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)]
  ] as const) { t.equal(readKey(header), key, header.slice(0, 10)) }
  for (const header of [
    '',
    '""',
    ' ',
    'a b',
    '"a b"',
    'a\tb',
    'é',
    '\u007f',
    'x'.repeat(256),
    `"${'x'.repeat(256)}"`
  ]) {
    t.throws(() => readKey(header), { code: 'VALIDATION_FAILED' }, JSON.stringify(header.slice(0, 10)))
  }
})

t.test('a fingerprint depends on the content, not on its order or form', async (t) => {
  const same = (a: unknown, b: unknown): boolean => fingerprintOf(a) === fingerprintOf(b)
  t.ok(same({ a: 1, b: { c: 2, d: [3, { e: 4, f: 5 }] } }, { b: { d: [3, { f: 5, e: 4 }], c: 2 }, a: 1 }))
  t.ok(same(JSON.parse('{"a":1}'), { a: 1 }))
  for (const [a, b] of [
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { a: 1, b: undefined, c: null }],
    [null, {}],
    [{}, []],
    [
      [1, 2],
      [2, 1]
    ],
    [{ a: 1 }, [['a', 1]]],
    [{ a: 1 }, { members: [['a', 1]] }],
    [
      { a: 1, b: 2 },
      { a: 2, b: 1 }
    ],
    ['a', ['a']],
    [JSON.parse('{"__proto__":1}'), {}],
    [
      { 1: 'a', 2: 'b' },
      { 1: 'b', 2: 'a' }
    ]
  ]) { t.notOk(same(a, b), `${JSON.stringify(a)} ${JSON.stringify(b)}`) }
  t.not(fingerprintOf('a', 'b'), fingerprintOf('ab'))
  t.not(fingerprintOf('a'), fingerprintOf('a', undefined), 'an absent part is none')
})
