/** An error because of which the service cannot start. The operator sees its message, without the stack. */
export class StartError extends Error {
  override readonly name: string = 'StartError'
}
