import { XLSX } from '../src/media-types.ts'

/** Gives a multipart form with one file, for the OpenAPI document. `what` describes the file. */
export const fileForm = (title: string, what: string, contentMediaType?: string) => ({
  schema: {
    title,
    description: 'A form. Fields come before the file.',
    type: 'object',
    required: ['file'],
    additionalProperties: false,
    properties: {
      file: {
        type: 'string',
        format: 'binary',
        ...(contentMediaType !== undefined && { contentMediaType }),
        description: `${what} The last part of the form.`
      }
    }
  }
})

/**
 * Gives the request body of an upload for the OpenAPI document: a form, which Swagger UI can send, or the bare
 * workbook. `what` describes the workbook.
 */
export const uploadBody = (what: string) => ({
  description: `${what}, in the form field \`file\` or as the body itself.`,
  content: {
    'multipart/form-data': fileForm('WorkbookForm', 'The workbook (.xlsx).', XLSX),
    [XLSX]: { schema: { type: 'string', format: 'binary' } },
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } }
  }
})
