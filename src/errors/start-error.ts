/** The service cannot start. The message is for the operator, who needs no stack. */
export class StartError extends Error {
  override readonly name: string = 'StartError'
}
