import { XLSX } from '../src/media-types.ts'

/** Gives the bodies of an upload for the document: a form, which Swagger UI can send, or the workbook as the body. */
export const uploadBody = (what: string) => ({
  description: `${what}, in the form field \`file\` or as the body itself.`,
  content: {
    'multipart/form-data': {
      schema: {
        title: 'WorkbookForm',
        description: 'A form. Fields come before the file.',
        type: 'object',
        required: ['file'],
        additionalProperties: false,
        properties: {
          file: {
            type: 'string',
            format: 'binary',
            contentMediaType: XLSX,
            description: 'The workbook (.xlsx). The last part of the form.'
          }
        }
      }
    },
    [XLSX]: { schema: { type: 'string', format: 'binary' } },
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } }
  }
})
