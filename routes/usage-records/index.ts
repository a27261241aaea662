import { addOperations } from '../../src/http/add-operations.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { closeUsageRecord } from './close-usage-record.ts'
import { getUsageRecord } from './get-usage-record.ts'
import { listUsageRecords } from './list-usage-records.ts'
import { updateUsageRecord } from './update-usage-record.ts'

export const usageRecordsRoutes: RoutePlugin = async (app) => {
  await addOperations(app, [listUsageRecords, getUsageRecord, updateUsageRecord, closeUsageRecord])
}
