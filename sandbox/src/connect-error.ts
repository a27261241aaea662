/**
 * An error in Connect's form. Connect is known to use AUTH_001, VAL_001, SYS_001 and USG_011; the other codes in the
 * sandbox are invented.
 */
export class ConnectError extends Error {
  readonly status: number
  readonly code: string | null
  readonly params: Record<string, unknown> | undefined

  constructor (status: number, code: string | null, message: string, params?: Record<string, unknown>) {
    super(message)
    this.status = status
    this.code = code
    this.params = params
  }

  get body (): { error_code: string | null, errors: string[], params?: Record<string, unknown> } {
    return { error_code: this.code, errors: [this.message], ...(this.params ? { params: this.params } : {}) }
  }
}

export const badRequest = (message: string, params?: Record<string, unknown>): ConnectError =>
  new ConnectError(400, 'VAL_001', message, params)
export const wrongState = (message: string): ConnectError => new ConnectError(400, 'USG_100', message)
export const unauthorised = (): ConnectError => new ConnectError(401, 'AUTH_001', 'API request is unauthorized.')
export const forbidden = (message = 'You do not have permission to perform this action.'): ConnectError =>
  new ConnectError(403, 'AUTH_002', message)
export const notFound = (what = 'Object'): ConnectError => new ConnectError(404, 'SYS_404', `${what} not found.`)
