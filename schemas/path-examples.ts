/**
 * Ids of objects in the sandbox whose state allows the operation, by `operationId`. Each operation here has an object
 * of its own, so that Swagger UI can send the examples of all operations one after the other. An operation that is not
 * here has the example of its schema.
 */
export const PATH_EXAMPLES: Readonly<Record<string, string>> = {
  // Usage files that are drafts.
  updateUsageFile: 'UF-2026-10-8890-0217',
  deleteUsageFile: 'UF-2026-10-1220-0236',
  uploadUsageFile: 'UF-2026-10-3295-0244',
  // A usage file in `ready`.
  submitUsageFile: 'UF-2026-10-5730-0116',
  // Pending usage files, and a record of a pending file.
  acceptUsageFile: 'UF-2026-10-3064-0068',
  rejectUsageFile: 'UF-2026-10-5357-0067',
  approveAllUsageRecords: 'UF-2026-10-4320-0058',
  updateUsageRecord: 'UR-2026-09-2476-0039-0000-5775',
  // Accepted usage files, and chunks of accepted files.
  closeUsageFile: 'UF-2026-10-3851-0054',
  closeUsageFileRecords: 'UF-2026-10-4424-0049',
  reprocessUsageFile: 'UF-2026-09-0995-0029',
  reconcileUsageFile: 'UF-2026-09-5741-0018',
  closeUsageChunk: 'UFC-2026-10-8885-0089-001',
  regenerateUsageChunk: 'UFC-2026-09-6278-0028-001',
  // A usage file that was reconciled.
  downloadReconciliationFile: 'UF-2026-09-0041-0024',
  // A usage rule that no other example names.
  deleteUsageRule: 'UIR-276-377-003'
}
