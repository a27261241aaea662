export interface LedgerFile { field: string, name: string, sha256: string, size: number }

export interface LedgerRequest {
  at: string
  method: string
  path: string
  query: string
  headers: Record<string, string>
}

/** One request while it runs; texts are parsed only when somebody looks. */
export interface LedgerEntry extends LedgerRequest {
  seq: number
  bodyText: string | null
  form: { files: LedgerFile[], fields: Record<string, string> } | null
  responseText: string | null
  complete: boolean
  aborted: boolean
  connectionBytes: number
  fault: string | null
  status: number | null
  answered: boolean
}

export interface LedgerView extends LedgerRequest {
  seq: number
  /** JSON as received; a form is its files and fields; null when there was none or it could not be read. */
  body: unknown
  /** The file of a form with one file. */
  file: LedgerFile | null
  /** Whether the request arrived to its very end, or was cut off before it. */
  complete: boolean
  aborted: boolean
  /** Bytes read from the connection up to the end of the request: that of a fresh connection is the request's own. */
  connectionBytes: number
  /** The planned fault that struck it. */
  fault: string | null
  /** The status sent, null when the connection died before one. */
  status: number | null
  /** Whether the whole answer left. */
  answered: boolean
  /** What was sent, or tried: a fault's answer where one took the place of the operation's. */
  response: unknown
}

const maxResponse = 64 * 1024
const maxBody = 4 * 1024 * 1024
const maxTotal = 128 * 1024 * 1024

/** What the sandbox received, newest last; the oldest entries go when it is full, their texts even earlier. */
export class Ledger {
  readonly #limit: number
  #entries: LedgerEntry[] = []
  #seq = 0
  #weight = 0

  constructor (limit: number) {
    this.#limit = limit
  }

  get entries (): LedgerView[] { return this.#entries.map(view) }

  since (seq: number): LedgerView[] {
    return this.#entries.filter((entry) => entry.seq > seq).map(view)
  }

  open (request: LedgerRequest): LedgerEntry {
    this.#seq += 1
    const entry: LedgerEntry = {
      seq: this.#seq,
      ...request,
      bodyText: null,
      form: null,
      responseText: null,
      complete: false,
      aborted: false,
      connectionBytes: 0,
      fault: null,
      status: null,
      answered: false
    }
    this.#entries.push(entry)
    // In one go, so that a full ledger does not move all its entries at every request.
    if (this.#entries.length > this.#limit * 1.1 + 10) this.#entries = this.#entries.slice(-this.#limit)
    return entry
  }

  keepBody (entry: LedgerEntry, text: string): void {
    if (text.length > maxBody) return
    entry.bodyText = maskSecrets(text)
    this.#weigh(text.length)
  }

  keepResponse (entry: LedgerEntry, response: string | Buffer): void {
    if (response.length > maxResponse) return
    entry.responseText = maskSecrets(String(response))
    this.#weigh(response.length)
  }

  clear (): void {
    this.#entries = []
    this.#weight = 0
  }

  #weigh (length: number): void {
    this.#weight += length
    if (this.#weight <= maxTotal) return
    for (const entry of this.#entries.slice(0, Math.ceil(this.#entries.length / 2))) {
      this.#weight -= (entry.bodyText?.length ?? 0) + (entry.responseText?.length ?? 0)
      entry.bodyText = null
      entry.responseText = null
    }
  }
}

/** What webhooks are signed with. */
const maskSecrets = (text: string): string =>
  text.replace(/"jwt_secret"\s*:\s*"(?:[^"\\]|\\.)*"/g, '"jwt_secret":"***"')

function parsed (text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function view (entry: LedgerEntry): LedgerView {
  const { bodyText, form, responseText, ...rest } = entry
  return {
    ...rest,
    body: form ?? parsed(bodyText),
    file: form?.files.length === 1 ? form.files[0] ?? null : null,
    response: parsed(responseText)
  }
}

const shownHeaders = ['accept', 'accept-encoding', 'connection', 'content-encoding', 'content-length', 'content-type',
  'expect', 'host', 'range', 'transfer-encoding', 'user-agent', 'traceparent', 'x-request-id']

/** The token's id stays readable, its secret does not. */
export function maskHeaders (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const name of shownHeaders) {
    const value = headers[name]
    if (value !== undefined) shown[name] = String(value)
  }
  const authorization = headers['authorization']
  if (typeof authorization === 'string') {
    const id = /^ApiKey (SU-\d{3}-\d{3}-\d{3}):/.exec(authorization)?.[1]
    shown['authorization'] = id === undefined ? '***' : `ApiKey ${id}:***`
  }
  return shown
}
