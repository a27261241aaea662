import { addOperations } from '../../src/http/add-operations.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { closeUsageChunk } from './close-usage-chunk.ts'
import { downloadUsageChunk } from './download-usage-chunk.ts'
import { getUsageChunk } from './get-usage-chunk.ts'
import { listUsageChunks } from './list-usage-chunks.ts'
import { regenerateUsageChunk } from './regenerate-usage-chunk.ts'
import { updateUsageChunk } from './update-usage-chunk.ts'

export const usageChunksRoutes: RoutePlugin = async (app) => {
  await addOperations(app, [
    listUsageChunks,
    getUsageChunk,
    updateUsageChunk,
    closeUsageChunk,
    regenerateUsageChunk,
    downloadUsageChunk
  ])
}
