import { Type } from 'typebox'
import t from 'tap'
import { MOMENT_PATTERN, nullable } from '../../schemas/common.ts'
import { CATEGORY_EXAMPLE } from '../../schemas/category.ts'
import { problems } from '../../schemas/problem.ts'
import { RECONCILIATION_EXAMPLE } from '../../schemas/reconciliation.ts'
import { USAGE_CHUNK_EXAMPLE } from '../../schemas/usage-chunk.ts'
import {
  CREATE_EXAMPLE,
  CreateUsageFileBody,
  UPDATE_EXAMPLE,
  UpdateUsageFileBody
} from '../../schemas/usage-file-input.ts'
import { SUMMARY_EXAMPLE } from '../../schemas/usage-file-query.ts'
import { USAGE_FILE_EXAMPLE, UsageFileParams } from '../../schemas/usage-file.ts'
import { CLOSED_RECORD_EXAMPLE, USAGE_RECORD_EXAMPLE, UsageRecordParams } from '../../schemas/usage-record.ts'
import { conformsTo } from '../routes/validate-answer.ts'

const patternOf = (schema: object): RegExp => new RegExp((schema as { pattern: string }).pattern)

t.test('every example fits its schema', async (t) => {
  t.ok(conformsTo('UsageFile', USAGE_FILE_EXAMPLE))
  t.ok(
    conformsTo('UsageFile', {
      ...USAGE_FILE_EXAMPLE,
      categories: [CATEGORY_EXAMPLE],
      chunks: [USAGE_CHUNK_EXAMPLE],
      reconciliations: [RECONCILIATION_EXAMPLE],
      warnings: []
    })
  )
  t.ok(conformsTo('UsageFileSummary', SUMMARY_EXAMPLE))
  const { total, byStatus } = SUMMARY_EXAMPLE
  t.equal(Object.values(byStatus).reduce((sum, count) => sum + count, 0) - byStatus.deleted, total)
  t.ok(conformsTo('UsageRecord', USAGE_RECORD_EXAMPLE))
  t.ok(conformsTo('UsageRecord', CLOSED_RECORD_EXAMPLE))
  t.ok(conformsTo(CreateUsageFileBody, CREATE_EXAMPLE))
  t.ok(conformsTo(UpdateUsageFileBody, UPDATE_EXAMPLE))
})

t.test('a nullable schema is one type, not a choice of two', async (t) => {
  t.match(JSON.parse(JSON.stringify(nullable(Type.String({ description: 'd' })))), {
    type: ['string', 'null'],
    description: 'd'
  })
  t.same(JSON.parse(JSON.stringify(nullable(Type.Enum(['a'], { type: 'string' })))), {
    type: ['string', 'null'],
    enum: ['a', null]
  })
})

t.test('a resource refuses unknown members', async (t) => {
  for (const odd of [
    { more: 1 },
    { status: 'archived' },
    { createdAt: '2026-11-01T00:00:00+00:00' },
    { stats: null },
    { events: null },
    { chunks: [{}] }
  ]) {
    t.throws(() => conformsTo('UsageFile', { ...USAGE_FILE_EXAMPLE, ...odd }), JSON.stringify(odd))
  }
  t.throws(() => conformsTo('UsageRecord', { ...USAGE_RECORD_EXAMPLE, amount: 5 }), 'an amount is a string')
})

t.test('every documented form of an id is accepted, and nothing else', async (t) => {
  const file = patternOf(UsageFileParams.properties.fileId)
  for (const id of ['UF-2021-07-2818-2430', 'UF-2018-11-9878764342', 'UF-2019-03-6040-0448']) t.match(id, file)
  for (const id of [
    'UF-',
    'UF-x',
    'UFC-2020-07-8349-4102-001',
    'UF-2021-07/..',
    'UF-2021-07-2818-2430\n',
    ' UF-2021-07-2818'
  ]) { t.notMatch(id, file) }
  const record = patternOf(UsageRecordParams.properties.recordId)
  for (const id of ['UR-2021-01-2023-8696-9408-6767', 'UR-2020-03-0012-9530-2036-6794']) t.match(id, record)
  for (const id of ['UR-552-340-461', 'UR-', 'UF-2021-01-2023']) t.notMatch(id, record, `${id} is not a record's`)
})

t.test('times are accepted in the documented forms only', async (t) => {
  const moment = new RegExp(MOMENT_PATTERN)
  for (const given of [
    '2026-10-01',
    '2026-10-01T10:00',
    '2026-10-01T10:00:00Z',
    '2026-10-01T10:00:00.123456+03:00',
    '2026-10-01T10:00:00'
  ]) { t.match(given, moment) }
  for (const given of ['2026-10', '01.10.2026', '2026-10-01 10:00:00', '2026-10-01T10', '2026-10-01Z', 'now']) {
    t.notMatch(given, moment)
  }
})

t.test('every operation has the shared problems', async (t) => {
  t.same(Object.keys(problems([409])), ['409', 'default'])
  t.same(Object.keys(problems()), ['default'])
})
