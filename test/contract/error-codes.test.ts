import { readFileSync } from 'node:fs'
import t from 'tap'
import { ERROR_CODES } from '../../src/errors/codes.ts'
import { makeApp } from '../helper.ts'
import { documentOf } from './document.ts'
import { tableRows } from './markdown.ts'

const page = readFileSync('docs/api.md', 'utf8')

t.test('docs/api.md lists every code with its status, and no other', async (t) => {
  const listed = tableRows(page, 'Error codes').flatMap(([status = '', codes = '']) =>
    [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => `${status} ${code}`))
  t.same(listed.sort(), Object.entries(ERROR_CODES).map(([code, { status }]) => `${status} ${code}`).sort())
})

t.test('the document lists every code, and no other', async (t) => {
  const { app } = await makeApp(t)
  const { components } = await documentOf(app)
  const code = components.schemas['ErrorCode']
  t.same([...code?.['enum'] as string[]].sort(), Object.keys(ERROR_CODES).sort())
})

t.test('every code has a title of its own', async (t) => {
  const titles = Object.values(ERROR_CODES).map(({ title }) => title)
  t.equal(new Set(titles).size, titles.length)
})
