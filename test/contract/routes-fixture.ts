import t from 'tap'
import { makeApp } from '../helper.ts'
import { documentOf, operationsOf, type Document, type NamedOperation } from './document.ts'

const PUBLIC = ['getLiveness', 'getReadiness']
/** Connect itself calls this one: the body is Connect's, and the credential is a token that Connect has signed. */
export const OF_CONNECT = 'receiveConnectWebhook'

export const { app } = await makeApp(t)
export const document: Document = await documentOf(app)
export const operations = operationsOf(document)
export const nameOf = ({ method, path, operation }: NamedOperation): string =>
  operation.operationId ?? `${method} ${path}`
export const isPublic = (one: NamedOperation): boolean => PUBLIC.includes(nameOf(one))
