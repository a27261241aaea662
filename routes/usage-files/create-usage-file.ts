import { problems } from '../../schemas/problem.ts'
import { LOCATION, ok } from '../../schemas/responses.ts'
import { CreateUsageFileBody } from '../../schemas/usage-file-input.ts'
import { UsageFileRef, fileExample } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { createFile } from '../../src/usage/writes/create-file.ts'
import { filePath } from '../../src/usage/mapping/paths.ts'

export const createUsageFile: RoutePlugin = async (app) => {
  app.post(
    '',
    {
      config: { scope: 'usage:write' },
      schema: {
        operationId: 'createUsageFile',
        tags: ['Usage files'],
        summary: 'Create a usage file',
        description:
          'Creates the header of a report; its workbook is uploaded next. Give an `externalId` of your own: should ' +
          'the answer be lost, the file is found by it. `listUsageContracts` gives the valid pairs of `productId` ' +
          'and `contractId`.',
        body: CreateUsageFileBody,
        response: {
          201: ok(
            UsageFileRef,
            'The new file, in status `draft`.',
            fileExample('draft', ['update', 'upload', 'delete']),
            LOCATION
          ),
          ...problems()
        }
      }
    },
    async (request, reply) => {
      const { usageFiles } = app.connect
      const context = writeContext(request)
      const file = await createFile({
        given: request.body,
        actor: context.actor,
        attempt: context.attempt,
        create: async body => await usageFiles.create(body, context),
        read: async id => await usageFiles.get(id, context),
        list: async (filter, window) => await usageFiles.list({ filter, sort: ['-created.at'], ...window }, context)
      })
      return await reply
        .code(201)
        .header('location', filePath(file.id))
        .send(file)
    }
  )
}
