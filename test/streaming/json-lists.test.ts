import t from 'tap'
import { JsonLists, MalformedJson, parse } from '../../src/streaming/json-lists.ts'
import { pieces, randomFrom } from '../uploads/wire.ts'

interface Read { elements: unknown[], members: Record<string, unknown> }

function read (parts: Iterable<string>): Read {
  const elements: unknown[] = []
  const json = new JsonLists({
    lists: ['records'],
    maxValueChars: 16_384,
    onElement: (text) => { elements.push(parse(text)) },
    onMember: () => {}
  })
  for (const part of parts) json.push(part)
  json.finish()
  return { elements, members: Object.fromEntries(json.members) }
}

function isRefused (parts: Iterable<string>): boolean {
  try {
    read(parts)
    return false
  } catch (error) {
    return error instanceof MalformedJson
  }
}

/** As JSON.parse sees it, in the same form. */
function expected (text: string): Read {
  const { records, ...members } = JSON.parse(text) as { records: unknown[] }
  return { elements: records, members: { ...members, records: undefined } }
}

const DOCUMENTS = [
  '{"records":[]}',
  '{ "records" : [ 1 , -0.5e+10 , true,false ,null, "" ] }',
  ' \t\r\n' +
  '{"externalBillingId":"INV \\"1\\" ' +
  '\\\\","records":[{"id":"a"},{"id":"b","n":{"x":[1,[2,{"y":"}]"}]]}}],"externalBillingNote":"ü€😀"}\n',
  '{"records":[{"id":"\\ud83d\\ude00 \\u0022 \\\\\\" [{"},"\\\\","\\\\\\\\\\"",[[[]]],{}],"z":12}',
  '{"a":[{"records":[1,2]}],"records":[0],"b":{"records":"x"}}',
  '{"\\u0072ecords":[1,{"id":"x"}],"__proto__":1,"constructor":2}'
]

t.test('text in any chunks is read as JSON.parse reads it', async (t) => {
  for (const text of DOCUMENTS) {
    const whole = expected(text)
    t.same(read([text]), whole, text)
    t.same(read([...text]), whole, 'character by character')
    for (let seed = 0; seed < 200; seed++) {
      const random = randomFrom(seed)
      const parts: string[] = []
      for (let at = 0; at < text.length;) {
        const size = 1 + Math.floor(random() * 9)
        parts.push(text.slice(at, at + size))
        at += size
      }
      const { elements, members } = read(parts)
      if (JSON.stringify([elements, members]) !== JSON.stringify([whole.elements, whole.members])) {
        t.fail(`seed ${seed}: ${text}`)
      }
    }
  }
  t.equal([...pieces(Buffer.from('abc'), 'bytes')].length, 3)
})

t.test('a random document in any chunks is read as JSON.parse reads it', async (t) => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = randomFrom(seed)
    const value = (depth: number): unknown => {
      const kind = Math.floor(random() * (depth > 3 ? 5 : 7))
      switch (kind) {
        case 0:
          return Math.floor(random() * 1e6) / 100
        case 1:
          return random() < 0.5
        case 2:
          return null
        case 3:
        case 4:
          return Array.from({ length: Math.floor(random() * 8) }, () =>
            '"\\{}[]:, aé€😀\n\u0001'.charAt(Math.floor(random() * 18))
          ).join('')
        case 5:
          return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1))
        default:
          return Object.fromEntries(
            Array.from({ length: Math.floor(random() * 4) }, (_, i) => [`k${i}"`, value(depth + 1)])
          )
      }
    }
    const text = JSON.stringify(
      { before: value(0), records: [value(0), value(0), value(0)], after: value(0) },
      null,
      seed % 3
    )
    const parts: string[] = []
    for (let at = 0; at < text.length;) {
      const size = 1 + Math.floor(random() * 20)
      parts.push(text.slice(at, at + size))
      at += size
    }
    const { elements, members } = read(parts)
    const whole = expected(text)
    if (JSON.stringify([elements, members]) !== JSON.stringify([whole.elements, whole.members])) {
      t.fail(`seed ${seed}: ${text}`)
    }
  }
})

const ILL_FORMED = [
  '',
  ' ',
  '[]',
  '1',
  '"x"',
  'null',
  '{',
  '{"records"',
  '{"records":',
  '{"records":[',
  '{"records":[1',
  '{"records":[1,',
  '{"records":[]',
  '{"records":[]}}',
  '{"records":[]} x',
  '{"records":[]}{"records":[]}',
  '{"records":[],}',
  '{"records":[1,]}',
  '{"records":[,1]}',
  '{"records":[,]}',
  '{"records":[1 2]}',
  '{"records":[1,,2]}',
  '{"records" []}',
  '{"records":[]"a":1}',
  '{,"records":[]}',
  '{"records"::[]}',
  '{records:[]}',
  "{'records':[]}",
  '{"records":[01]}',
  '{"records":[1.]}',
  '{"records":[.5]}',
  '{"records":[+1]}',
  '{"records":[-]}',
  '{"records":[1e]}',
  '{"records":[0x1]}',
  '{"records":[NaN]}',
  '{"records":[Infinity]}',
  '{"records":[undefined]}',
  '{"records":[True]}',
  '{"records":[nul]}',
  '{"records":[nullx]}',
  '{"records":[tru e]}',
  '{"records":["\u0001"]}',
  '{"records":["a\nb"]}',
  '{"records":["\\x41"]}',
  '{"records":["\\u12g4"]}',
  '{"records":["\\u12"]}',
  '{"records":["\\"]}',
  '{"records":["]}',
  '{"records":[{]}',
  '{"records":[{}}',
  '{"records":[{"a"}]}',
  '{"records":[{"a":}]}',
  '{"records":[{"a":1,}]}',
  '{"records":[{"a":1 "b":2}]}',
  '{"records":[{a:1}]}',
  '{"records":[[1,2}]}',
  '{"records":[{]}]}',
  '{"records":[]/**/}',
  '//x\n{"records":[]}',
  '{"records":[1]\u00a0}',
  '{"records":\u000b[]}',
  '\ufeff\ufeff{"records":[]}',
  '{"a":}',
  '{"a":]}',
  '{"a":1:2,"records":[]}',
  '{"a":1}2',
  '{1:1}',
  '{null:1}',
  '{"a":"b"c}',
  '{"records":[1],"records":[2]}',
  '{"records":[1],"\\u0072ecords":[2]}',
  '{"a":1,"records":[],"a":2}',
  '{"records":[{}]]}'
]

t.test('text that is not JSON, or has a member twice, is refused in any chunks', async (t) => {
  for (const text of ILL_FORMED) {
    t.ok(isRefused([text]), JSON.stringify(text))
    t.ok(isRefused([...text]), `${JSON.stringify(text)} in pieces`)
  }
})

t.test('records that are not an array are read as an ordinary member', async (t) => {
  t.same(read(['{"records":null}']), { elements: [], members: { records: null } })
  t.same(read(['{"records":{"a":[1]}}']), { elements: [], members: { records: { a: [1] } } })
  t.same(read(['{}']), { elements: [], members: {} })
})

t.test('a value may have 16 Ki characters and no more, in any chunks', async (t) => {
  const sized = (length: number): string => `{"records":[{"a":"${'x'.repeat(length - 8)}"}]}`
  for (const cut of [1, 100, 16_000, 20_000]) {
    const parts = (text: string): string[] =>
      [...pieces(Buffer.from(text), { seed: 1, maxBytes: cut })].map(piece => piece.toString())
    t.equal(read(parts(sized(16_384))).elements.length, 1, `pieces of up to ${cut}`)
    t.throws(() => read(parts(sized(16_385))), /too long/)
    t.throws(() => read(parts(`{"${'k'.repeat(16_385)}":1}`)), /too long/)
    t.throws(() => read(parts(`{"a":[${'1,'.repeat(9000)}1]}`)), /too long/)
  }
  t.equal(read(['{"records":[1', ' '.repeat(100_000), ']}']).elements.length, 1, 'space is no value')
})

t.test('deep nesting is limited by the length only', async (t) => {
  const deep = `${'['.repeat(8000)}${']'.repeat(8000)}`
  t.equal(read([`{"records":[${deep}]}`]).elements.length, 1)
  t.ok(isRefused([`{"records":[${'['.repeat(20_000)}`]))
})
