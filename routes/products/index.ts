import type { RoutePlugin } from '../../src/type-provider.ts'
import { createUsageRule } from './create-usage-rule.ts'
import { deleteUsageRule } from './delete-usage-rule.ts'
import { downloadUsageTemplate } from './download-usage-template.ts'
import { getUsageColumns } from './get-usage-columns.ts'
import { getUsageRule } from './get-usage-rule.ts'
import { listUsageRules } from './list-usage-rules.ts'
import { updateUsageRule } from './update-usage-rule.ts'

export const productsRoutes: RoutePlugin = async (app) => {
  await app.register(downloadUsageTemplate)
  await app.register(getUsageColumns)
  await app.register(listUsageRules)
  await app.register(createUsageRule)
  await app.register(getUsageRule)
  await app.register(updateUsageRule)
  await app.register(deleteUsageRule)
}
