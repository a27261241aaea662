import { addOperations } from '../../src/http/add-operations.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { createUsageRule } from './create-usage-rule.ts'
import { deleteUsageRule } from './delete-usage-rule.ts'
import { downloadUsageTemplate } from './download-usage-template.ts'
import { getUsageColumns } from './get-usage-columns.ts'
import { getUsageRule } from './get-usage-rule.ts'
import { listProductItems } from './list-product-items.ts'
import { listProducts } from './list-products.ts'
import { listUsageRules } from './list-usage-rules.ts'
import { updateUsageRule } from './update-usage-rule.ts'

export const productsRoutes: RoutePlugin = async (app) => {
  await addOperations(app, [
    listProducts,
    listProductItems,
    downloadUsageTemplate,
    getUsageColumns,
    listUsageRules,
    createUsageRule,
    getUsageRule,
    updateUsageRule,
    deleteUsageRule
  ])
}
