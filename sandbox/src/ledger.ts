export interface LedgerFile { field: string, name: string, sha256: string, size: number }

export interface LedgerRequest {
  at: string
  method: string
  path: string
  query: string
  headers: Record<string, string>
}

/** A stored request. Its body and its answer are parsed when it is shown, as a LedgerView. */
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
  /**
   * The parsed JSON of the body, or `{ files, fields }` for a form that `receiveForm` got whole. Text that was sent
   * as JSON but cannot be parsed stays text. Null for any other body, such as one that was not read, a text above 4 Mi
   * characters, or a text that was dropped to save memory.
   */
  body: unknown
  /** The file of a form that has exactly one file; else null. */
  file: LedgerFile | null
  /** Whether the request arrived whole. `aborted` tells whether the connection ended before that. */
  complete: boolean
  aborted: boolean
  /** Bytes that the sandbox has read from the connection, with those of earlier requests on it. */
  connectionBytes: number
  /** The type of the planned fault that this request got, or null. */
  fault: string | null
  /** The HTTP status of the answer; null until an answer is noted. */
  status: number | null
  /**
   * Whether the answer was sent to its end. It is also true for an answer that the fault `truncate` has cut off after
   * the operation.
   */
  answered: boolean
  /**
   * The body of the answer, parsed when it is JSON. It is whole even if a fault after the operation cut it off or lost
   * it. Null for some answers, such as a file, a text above 64 Ki, or a text that was dropped to save memory.
   */
  response: unknown
}

const maxResponse = 64 * 1024
const maxBody = 4 * 1024 * 1024
const maxTotal = 128 * 1024 * 1024

/**
 * Keeps the received requests, the newest last: at least the newest `limit` ones. When their bodies and answers exceed
 * 128 Mi characters together, the older half of the requests lose their bodies and answers.
 */
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
    // Many entries are dropped at once, so that a full ledger does not move all its entries for every request.
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
    // `#weight` also counts the texts of entries that the ledger has dropped, so it is added up anew.
    this.#weight = this.#entries.reduce(addTexts, 0)
    if (this.#weight <= maxTotal) return
    for (const entry of this.#entries.slice(0, Math.ceil(this.#entries.length / 2))) {
      entry.bodyText = null
      entry.responseText = null
    }
    this.#weight = this.#entries.reduce(addTexts, 0)
  }
}

const addTexts = (sum: number, { bodyText, responseText }: LedgerEntry): number =>
  sum + (bodyText?.length ?? 0) + (responseText?.length ?? 0)

/** Gives a text with `***` in place of the secrets (`jwt_secret`) by which calls of webhooks are signed. */
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

/** Gives the headers that the ledger shows. Of `Authorization` it shows at most the id of the token, no secret. */
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
