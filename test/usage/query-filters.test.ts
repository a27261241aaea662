import t from 'tap'
import { AppError } from '../../src/errors/app-error.ts'
import {
  categoryFilter,
  fileFilter,
  fileListFilter,
  fileSort,
  momentOf,
  recordFilter,
  recordSort
} from '../../src/usage/filters/query-filters.ts'

t.test('filters of usage files become filters of Connect', async (t) => {
  t.same(fileListFilter({}), { status: { not: 'deleted' } }, 'deleted ones only on request')
  t.same(fileListFilter({ status: ['deleted', 'ready'] }), { status: ['deleted', 'ready'] })
  t.same(
    fileFilter({
      id: ['UF-1', 'UF-2'],
      environment: ['test'],
      schema: ['qt'],
      name: 'a*b',
      externalId: 'e',
      productId: ['P'],
      contractId: ['C'],
      marketplaceId: ['M'],
      vendorId: ['V'],
      providerId: ['R'],
      createdAfter: '2026-01-01',
      createdBefore: '2026-02-01T00:00:00+03:00'
    }),
    {
      id: ['UF-1', 'UF-2'],
      environment: ['test'],
      schema: ['qt'],
      name: { contains: 'a*b' },
      external_id: 'e',
      'product.id': ['P'],
      'contract.id': ['C'],
      'marketplace.id': ['M'],
      'vendor.id': ['V'],
      'provider.id': ['R'],
      'created.at': { ge: '2026-01-01', lt: '2026-01-31T21:00:00Z' }
    }
  )
})

t.test('filters of records and categories become filters of Connect', async (t) => {
  t.same(recordFilter({}), {})
  t.same(
    recordFilter({
      fileId: ['F'],
      status: ['invalid'],
      schema: ['cr'],
      assetId: ['A'],
      assetExternalId: ['E'],
      assetExternalUid: ['U'],
      itemId: ['I'],
      productId: ['P'],
      hubId: ['H'],
      startedAfter: '2026-01-01',
      endedBefore: '2026-02-01',
      createdBefore: '2026-03-01'
    }),
    {
      'usagefile.id': ['F'],
      'usagefile.schema': ['cr'],
      status: ['invalid'],
      'asset.id': ['A'],
      'asset.external_id': ['E'],
      'asset.external_uid': ['U'],
      'item.id': ['I'],
      'product.id': ['P'],
      'hub.id': ['H'],
      start_date: { ge: '2026-01-01' },
      end_date: { lt: '2026-02-01' },
      created_time: { lt: '2026-03-01' }
    }
  )
  t.same(categoryFilter({ name: 'x', limit: 3 }), { name: { contains: 'x' } })
})

t.test('every order ends with a field that is unique', async (t) => {
  t.same(fileSort({}), ['-created.at', 'id'])
  t.same(fileSort({ sort: ['-productName', 'createdAt'] }), ['-product.name', 'created.at', 'id'])
  t.same(fileSort({ sort: ['-id'] }), ['-id'])
  t.same(recordSort({}), ['created_time'])
  t.same(recordSort({ sort: ['-startDate'] }), ['-usage_start_time', 'created_time'])
  t.same(recordSort({ sort: ['-createdAt'] }), ['-created_time'])
})

t.test('an impossible value is refused with our name of its field', async (t) => {
  const path = (work: () => unknown): unknown => {
    try {
      return work()
    } catch (error) {
      return error instanceof AppError && error.code === 'VALIDATION_FAILED' ? error.options.errors?.[0]?.path : error
    }
  }
  t.equal(path(() => fileFilter({ externalId: 'a"b\'c' })), 'query.externalId')
  t.equal(path(() => fileFilter({ name: 'a\nb' })), 'query.name')
  t.equal(path(() => recordFilter({ assetExternalId: ['fine', '"\''] })), 'query.assetExternalId')
  t.equal(path(() => fileFilter({ createdAfter: '2026-02-30' })), 'query.createdAfter')
  t.equal(path(() => fileFilter({ createdBefore: '2026-01-01T25:00:00Z' })), 'query.createdBefore')
  t.same(fileFilter({ externalId: 'it\'s "fine"'.replace('"fine"', 'fine') }), { external_id: 'it\'s fine' })
  t.equal(momentOf('query.x', undefined), undefined)
  for (const time of ['0000-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00']) {
    t.throws(() => momentOf('query.x', time), { message: 'query.x is not a time that exists' }, time)
  }
})

t.test('too many sort fields are refused, and so is a value that Connect reads as an operator', async (t) => {
  const four = ['status', 'schema', 'createdAt', '-productName'] as const
  t.same(fileSort({ sort: [...four] }).length, 5, 'with the id at the end')
  t.equal(fileSort({ sort: [...four, '-id'] }).length, 5)
  t.throws(() => fileSort({ sort: [...four, 'vendorName'] }), { code: 'VALIDATION_FAILED' })
  for (const value of ['empty()', 'null()']) {
    t.throws(() => fileFilter({ externalId: value }), { code: 'VALIDATION_FAILED' }, value)
    t.throws(() => recordFilter({ assetId: ['AS-1', value] }), { code: 'VALIDATION_FAILED' }, value)
  }
})
