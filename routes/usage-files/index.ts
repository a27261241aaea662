import { addOperations } from '../../src/http/add-operations.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { acceptUsageFile } from './accept-usage-file.ts'
import { approveAllUsageRecords } from './approve-all-usage-records.ts'
import { closeUsageFile } from './close-usage-file.ts'
import { createUsageFile } from './create-usage-file.ts'
import { deleteUsageFile } from './delete-usage-file.ts'
import { downloadProcessedUsageFile } from './download-processed-usage-file.ts'
import { downloadReconciliationFile } from './download-reconciliation-file.ts'
import { downloadUploadedUsageFile } from './download-uploaded-usage-file.ts'
import { getUsageFile } from './get-usage-file.ts'
import { getUsageFileTotals } from './get-usage-file-totals.ts'
import { listUsageFileCategories } from './list-usage-file-categories.ts'
import { listRowErrors } from './list-row-errors.ts'
import { listUsageFiles } from './list-usage-files.ts'
import { rejectUsageFile } from './reject-usage-file.ts'
import { reprocessUsageFile } from './reprocess-usage-file.ts'
import { submitUsageFile } from './submit-usage-file.ts'
import { summarizeUsageFiles } from './summarize-usage-files.ts'
import { updateUsageFile } from './update-usage-file.ts'

/** Other operations on usage files are in folders such as routes/uploads and routes/bulk-closes. */
export const usageFilesRoutes: RoutePlugin = async (app) => {
  await addOperations(app, [
    listUsageFiles,
    summarizeUsageFiles,
    createUsageFile,
    getUsageFile,
    updateUsageFile,
    deleteUsageFile,
    submitUsageFile,
    acceptUsageFile,
    rejectUsageFile,
    approveAllUsageRecords,
    closeUsageFile,
    reprocessUsageFile,
    listUsageFileCategories,
    getUsageFileTotals,
    listRowErrors,
    downloadUploadedUsageFile,
    downloadProcessedUsageFile,
    downloadReconciliationFile
  ])
}
