import { deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import t from 'tap'
import { AppError } from '../../src/errors/app-error.ts'
import { XmlScanner } from '../../src/tables/xlsx/xml-scanner.ts'
import { SEED } from '../fuzz/seed.ts'

/** What a document holds, as lines; null for one that is refused. Texts beside each other are one. */
type Events = string[] | null

class Lines {
  readonly all: string[] = []
  #text = ''

  text (text: string): void { this.#text += text }

  add (kind: string, value: unknown): void {
    if (this.#text !== '') this.all.push(`text ${JSON.stringify(this.#text)}`)
    this.#text = ''
    this.all.push(`${kind} ${JSON.stringify(value)}`)
  }
}

function scan (pieces: readonly string[]): Events {
  const lines = new Lines()
  const whole = pieces.join('')
  const requireTag = (name: string, start: number, end: number): void => {
    const tag = whole.slice(start, end)
    if (!/^<\/?$/.test(tag.split(name, 1)[0] ?? '') || !tag.endsWith('>')) throw new Error(`no tag of ${name}: ${tag}`)
  }
  const scanner = new XmlScanner({
    open: (name, attributes, start, end) => {
      requireTag(name, start, end)
      lines.add('open', [name, Object.entries(attributes)])
    },
    close: (name, start, end) => {
      requireTag(name, start, end)
      lines.add('close', name)
    },
    text: (text) => { lines.text(text) }
  })
  try {
    for (const piece of pieces) scanner.write(piece)
    scanner.end()
    return lines.all
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_A_WORKBOOK') return null
    throw error
  }
}

/** The same by saxes, which has passed the XML conformance suite. */
function scanBySaxes (document: string): Events {
  const lines = new Lines()
  let depth = 0
  const parser = new SaxesParser({ xmlns: false, defaultXMLVersion: '1.0', forceXMLVersion: true })
  const fail = (): never => { throw new Error('not well-formed') }
  parser.on('error', fail)
  parser.on('doctype', fail)
  // Workbooks are in UTF-8 or UTF-16.
  parser.on('xmldecl', ({ encoding }) => { if (!/^utf-?(?:8|16)$/i.test(encoding ?? 'utf-8')) fail() })
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1
    lines.add('open', [name, Object.entries(attributes)])
  })
  parser.on('closetag', ({ name }) => {
    depth -= 1
    lines.add('close', name)
  })
  const text = (text: string): void => { if (depth > 0) lines.text(text) }
  parser.on('text', text)
  parser.on('cdata', text)
  try {
    parser.write(document).close()
    return lines.all
  } catch {
    return null
  }
}

const TOKENS = [
  '<', '>', '/', '/>', '</', '=', '"', '\'', '&', ';', '!', '?', '-', '--', '[', ']', ']]>',
  ' ', '\t', '\n', '\r', '\r\n', 'text', 'é€😀', 'a', 'b', '1', ':', '.',
  '<a>', '</a>', '<a/>', '<a b="c">', '<x:c r="A1" t=\'s\'>', '</x:c>', '<v>', '</v>', '<é/>', '<1/>',
  '<!DOCTYPE a>',
  ' b="1"', ' b = \'2>3\'', ' xml:space="preserve"', ' __proto__="1"', ' constructor="2"',
  '&amp;', '&lt;', '&#65;', '&#x1F600;', '&#0;', '&#xD800;', '&nbsp;', '&#;',
  '\u0000', '\u0001', '\ufffe', '\u0085', '\u2028',
  '<!-- c -->', '<!--', '-->', '<![CDATA[', '<![CDATA[<&>]]>',
  '<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
  '<?pi text?>', '<?pi?>', '<?', '?>'
]
const token = fc.constantFrom(...TOKENS)

/** A document that is well-formed. */
const wellFormed = fc.letrec<{ element: string, content: string }>(tie => ({
  content: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('', 'text', ' ', 'a\r\nb\rc', '&amp;&#10;', '<![CDATA[]] ]>]]>', '<!-- - -->', '<?p q?>', '😀'),
    tie('element'),
    fc.tuple(tie('content'), tie('content')).map(parts => parts.join(''))
  ),
  element: fc.tuple(
    fc.constantFrom('a', 'x:row', 'é', '_b-1.2'),
    fc.constantFrom('', ' b="1"', ' b = \'>"\' c=""', '\nr="A1"\tt="&lt;\n&#9;"'),
    tie('content')
  ).map(([name, attributes, content]) =>
    content === '' ? `<${name}${attributes} />` : `<${name}${attributes}>${content}</${name} >`)
})).element.chain(root =>
  fc.constantFrom('', '<?xml version="1.0" encoding="utf-8"?>\n', '<!-- a -->').map(start => start + root))

/** The same with some characters taken out, or tokens put in. */
const edit = fc.tuple(fc.nat(), fc.nat(3), fc.oneof(token, fc.constant('')))
const mutated = fc.tuple(wellFormed, fc.array(edit, { maxLength: 3 }))
  .map(([document, edits]) => edits.reduce((text, [place, count, added]) => {
    const at = place % (text.length + 1)
    return text.slice(0, at) + added + text.slice(at + count)
  }, document))

/** saxes takes `<?a?b?>`, where XML 1.0 wants white space after the target (production 16). */
const SAXES_ALONE = /<\?[^\s?>]+\?(?!>)/
const documents = fc.oneof(wellFormed, mutated, fc.array(token, { maxLength: 12 }).map(tokens => tokens.join('')))
  .map(document => document.replace(/\p{Surrogate}/gu, '')).filter(document => !SAXES_ALONE.test(document))

/** Cuts a text between characters. */
function cut (text: string, size: number): string[] {
  const characters = [...text]
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, n) =>
    characters.slice(n * size, (n + 1) * size).join(''))
}

t.test('the scanner and saxes read the same in any document', async (t) => {
  let whole = 0
  fc.assert(fc.property(documents, fc.integer({ min: 1, max: 9 }), (text, size) => {
    const expected = scanBySaxes(text)
    if (expected !== null) whole += 1
    for (const pieces of [[text], cut(text, size)]) deepEqual(scan(pieces), expected, JSON.stringify(pieces))
  }), { numRuns: Number(process.env['FUZZ_RUNS'] ?? 3000), seed: SEED })
  t.ok(whole > 600, `${whole} documents are well-formed`)
})

t.test('limits: 64 levels, 65,536 characters of a tag, 1,048,576 of a text', async (t) => {
  const refused = (...pieces: string[]): unknown => {
    try {
      return scan(pieces)
    } catch (error) {
      return error instanceof AppError ? error.code : error
    }
  }
  const levels = (count: number): string => '<a>'.repeat(count) + '</a>'.repeat(count)
  t.ok(Array.isArray(refused(levels(64))))
  t.equal(refused(levels(65)), 'BODY_TOO_LARGE')
  const long = `<a b="${'>'.repeat(65_500)}"`
  t.ok(Array.isArray(refused(long, '/>')))
  t.equal(refused(long, ` c="${'x'.repeat(100)}"/>`), 'BODY_TOO_LARGE')
  t.equal(refused(...Array.from({ length: 20 }, () => '<a b=">'.padEnd(8192, '>'))), null)
  t.equal(refused('<a b="', ...Array.from({ length: 20 }, () => '>'.repeat(8192))), 'BODY_TOO_LARGE')
  t.equal(refused('<a>', ...Array.from({ length: 130 }, () => 'x'.repeat(8192))), 'BODY_TOO_LARGE')
  t.equal(refused('<a><!--', ...Array.from({ length: 130 }, () => 'x'.repeat(8192))), 'BODY_TOO_LARGE')
})
