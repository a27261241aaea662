import { CATEGORY_EXAMPLE, CategoriesQuery, Category, CategoryRef } from '../../schemas/category.ts'
import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toCategory } from '../../src/usage/mapping/category.ts'
import { categoryFilter } from '../../src/usage/filters/query-filters.ts'

export const listUsageFileCategories: RoutePlugin = async (app) => {
  app.get('/:fileId/categories', {
    config: { scope: 'usage:read' },
    schema: {
      operationId: 'listUsageFileCategories', tags: ['Usage files'], summary: 'List the categories of a usage file',
      description: 'The categories that the workbook declares, by name unless `sort` says otherwise.',
      params: UsageFileParams,
      querystring: CategoriesQuery,
      response: { 200: okList(CategoryRef, 'categories', CATEGORY_EXAMPLE), 304: notModified, ...problems() }
    }
  }, async (request, reply) => {
    const { query, params: { fileId } } = request
    const context = readContext(request, reply)
    return await sendList(request, reply, {
      read: async window => await app.connect.usageFiles.categories(
        fileId, { filter: categoryFilter(query), sort: query.sort ?? ['name'], ...window }, context
      ),
      toItem: toCategory,
      schema: Category,
      name: 'categories'
    })
  })
}
