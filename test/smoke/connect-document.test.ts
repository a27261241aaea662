import t from 'tap'
import { checkExchange, operationOf, type Exchange } from './connect-document/check.ts'
import { DEVIATIONS } from './connect-document/deviations.ts'
import { readDocument } from './connect-document/document.ts'
import { readQuery } from './connect-document/query.ts'

/** A document in the form of Connect's, made for these tests. */
const document = readDocument(`
openapi: 3.0.3
paths:
  /usage/things:
    get:
      parameters:
        - $ref: '#/components/parameters/limit'
        - name: name
          in: query
          description: "**lookups:** eq, ilike\\n\\n**ordering:** true"
          schema: { type: string }
        - { name: state, in: query, description: "**lookups:** eq, in", schema: { type: string, enum: [on, off] } }
      responses:
        '200':
          content:
            application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Thing' } } }
        '400': { $ref: '#/components/responses/refusal' }
    post:
      requestBody:
        content:
          application/json:
            schema: { type: object, properties: { name: { type: string }, size: { type: integer } } }
      responses:
        '201': { content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
  /usage/things/{id}:
    get: { responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } } } }
  /usage/things/all:
    get: { responses: { '200': { content: { application/json: { schema: { type: array, items: {} } } } } } }
  /usage/things/{id}/file:
    get:
      responses:
        '200': { content: { application/octet-stream: { schema: { type: string, format: binary } } } }
    post:
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              properties: { thing_file: { type: string, format: binary }, note: { type: string } }
              required: [thing_file]
      responses: { '200': { description: '' } }
components:
  parameters:
    limit: { name: limit, in: query, schema: { type: integer } }
  responses:
    refusal:
      content:
        application/json: { schema: { type: object, properties: { error_code: { type: string } } } }
  schemas:
    Thing:
      type: object
      properties:
        id: { type: string, readOnly: true }
        note: { type: string, nullable: true, maxLength: 3 }
        nullable: { type: string }
        state: { type: string, nullable: true, enum: [on, off] }
        parent: { $ref: '#/components/schemas/Thing' }
        at: { type: string, format: date }
      required: [id]
`)

const get = (path: string, response: unknown, more: Partial<Exchange> = {}): Exchange => ({
  method: 'GET',
  path: `/public/v1${path}`,
  query: '',
  headers: {},
  body: null,
  complete: true,
  status: 200,
  response,
  ...more
})
const post = (path: string, body: unknown, more: Partial<Exchange> = {}): Exchange =>
  get(
    path,
    { id: 'T' },
    {
      method: 'POST',
      headers: { 'content-length': '9', 'content-type': 'application/json' },
      body,
      status: 201,
      ...more
    }
  )

/** Gives the findings of an exchange, each as `place rule field`. */
const found = (exchange: Exchange): string[] =>
  checkExchange(document, exchange).map(({ place, rule, field }) => `${place} ${rule} ${field}`.trim())

t.test('a call that fits the document has no findings', async (t) => {
  t.same(
    found(
      get('/usage/things/T-1', {
        id: 'T-1',
        note: null,
        state: null,
        nullable: 'x',
        parent: { id: 'T-0' },
        at: '2026-10-01'
      })
    ),
    []
  )
  t.same(
    found(
      get('/usage/things', [], { query: 'limit=5&ordering(-name)&ilike(name,"*a%2C%28b*")&in(state,("on","off"))' })
    ),
    []
  )
  t.same(found(get('/usage/things', { error_code: 'X' }, { status: 400 })), [])
  t.same(found(post('/usage/things', { name: 'n', size: 3 })), [])
  t.same(found(get('/usage/things/T-1/file', null)), [])
})

t.test('a wrong path or method is found', async (t) => {
  for (const exchange of [
    get('/usage/thing', []),
    get('/usage/things/T-1/x', {}),
    get('/usage/things/', []),
    get('/usage//things', []),
    post('/usage/things/T-1', {}),
    get('/usage/things', [], { path: '/usage/things' })
  ]) {
    t.same(found(exchange), ['path unknown'], `${exchange.method} ${exchange.path}`)
  }
})

t.test('the operation with the most literal path is used', async (t) => {
  t.equal(operationOf(document, get('/usage/things/all', []))?.name, 'GET /usage/things/all')
  t.equal(operationOf(document, get('/usage/things/alle', []))?.name, 'GET /usage/things/{id}')
})

t.test('a wrong body is found', async (t) => {
  t.same(found(post('/usage/things', { size: '3' })), ['body type /size'])
  t.same(found(post('/usage/things', { sise: 3 })), ['body additionalProperties /sise'])
  t.same(found(post('/usage/things', null, { headers: {} })), ['body missing'])
  t.same(found(post('/usage/things', 'name=n', { headers: { 'content-length': '6', 'content-type': 'text/plain' } })), [
    'body type'
  ])
  t.same(found(get('/usage/things/T-1', { id: 'T' }, { headers: { 'content-length': '2' }, body: {} })), [
    'body undocumented'
  ])
  t.same(found(post('/usage/things', {}, { complete: false })), ['body cut'])
})

t.test('a wrong form is found', async (t) => {
  const headers = { 'content-length': '99', 'content-type': 'multipart/form-data; boundary=b' }
  const form = (files: string[], fields: Record<string, string> = {}): Exchange =>
    post(
      '/usage/things/T/file',
      { files: files.map(field => ({ field })), fields },
      { headers, status: 200, response: null }
    )
  t.same(found(form(['thing_file'], { note: 'n' })), [])
  t.same(found(form(['file'])), ['body field /file', 'body required /thing_file'])
  t.same(found(form(['thing_file'], { upload_note: 'n' })), ['body field /upload_note'])
  t.same(found(form(['thing_file', 'thing_file'])), ['body files'])
  t.same(found({ ...form([]), body: null }), ['body form'])
})

t.test('a wrong query is found', async (t) => {
  const query = (text: string): string[] => found(get('/usage/things', [], { query: text }))
  t.same(query('eq(id,"x")'), ['query unknown id'])
  t.same(query('like(name,"x")'), ['query lookup name'])
  t.same(query('eq(state,"maybe")'), ['query value state'])
  t.same(query('ordering(state)'), ['query ordering state'])
  t.same(query('page=2'), ['query unknown page'])
  t.same(query('limit=many'), ['query type limit'])
  for (const text of [
    'eq(name,x)',
    'eq(name,"a","b")',
    'in(name,"a")',
    'name="x',
    'eq(name,"x"',
    'eq(name,"a%22)&eq(b,%22")'
  ]) { t.same(query(text).length, 1, text) }
})

t.test('a wrong answer is found', async (t) => {
  t.same(found(get('/usage/things/T-1', { id: 1 })), ['answer type /id'])
  t.same(found(get('/usage/things/T-1', { note: 'x' })), ['answer required /id'])
  t.same(found(get('/usage/things', [{ id: 'a' }, { id: 'b', extra: 1 }])), ['answer additionalProperties /*/extra'])
  t.same(found(get('/usage/things/T-1', { id: 'T', note: 'long' })), ['answer maxLength /note'])
  t.same(found(get('/usage/things/T-1', { id: 'T', nullable: null })), ['answer type /nullable'])
  t.same(found(get('/usage/things/T-1', { id: 'T', state: 'maybe' })), ['answer enum /state'])
  t.same(found(get('/usage/things/T-1', { id: 'T', at: '2026-10-01T00:00:00Z' })), ['answer format /at'])
  t.same(found(get('/usage/things/T-1', { id: 'T', parent: {} })), ['answer required /parent/id'])
  t.same(found(get('/usage/things/T-1', null)), ['answer missing'])
  t.same(found(get('/usage/things/T-1/file', { id: 'T' })), ['answer json'])
})

t.test('a wrong status is found, and the shape of its body', async (t) => {
  t.same(found(get('/usage/things/T-1', { id: 'T' }, { status: 201 })), ['status 201'])
  t.same(found(get('/usage/things/T-1', { id: 7 }, { status: 201 })), ['status 201', 'answer type /id'])
  t.same(found(get('/usage/things', { error_code: 4 }, { status: 404 })), ['status 404', 'answer type /error_code'])
  t.same(found(get('/usage/things/T-1', null, { status: null })), ['status none'])
})

t.test('an operation that answers as another one is checked with that one\'s shape', async (t) => {
  const like = { 'GET /usage/things/all': { like: 'GET /usage/things/{id}' } }
  t.same(checkExchange(document, get('/usage/things/all', { id: 'T' }), like), [])
  t.equal(checkExchange(document, get('/usage/things/all', []), like).length, 1)
})

t.test('a deviation covers only itself', async (t) => {
  const at = (operation: string, place: 'status' | 'answer', rule: string, field = ''): string[] =>
    DEVIATIONS.filter(one => one.covers({ operation, place, field, rule, message: '' })).map(({ item }) => item)
  t.same(at('POST /usage/files/{id}/upload', 'status', '201'), ['2.8 #1'])
  t.same(at('POST /usage/files/{id}/close', 'status', '201'), [])
  t.same(at('GET /usage/files/{id}', 'answer', 'type', '/period/from'), [])
  t.same(at('GET /usage/records', 'answer', 'type', '/*/category'), ['2.8 #4'])
  t.same(at('GET /usage/records', 'answer', 'type', '/*/status'), [])
})

t.test('a query is decoded first and parsed then, as Connect does', async (t) => {
  t.same(readQuery('eq(name,%22a%2Cb)%22)&limit=5'), [
    { kind: 'filter', operator: 'eq', field: 'name', values: ['a,b)'] },
    { kind: 'parameter', name: 'limit', value: '5' }
  ])
  t.same(readQuery("in(id,('a','b%22'))"), [{ kind: 'filter', operator: 'in', field: 'id', values: ['a', 'b"'] }])
  t.same(readQuery(''), [])
})
