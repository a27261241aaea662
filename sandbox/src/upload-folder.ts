import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A private folder for received files: made at the first upload, gone when the sandbox closes. */
export class UploadFolder {
  readonly #parent: string
  #folder: Promise<string> | null = null
  #count = 0

  constructor (parent: string | null) {
    this.#parent = parent ?? tmpdir()
  }

  async newPath (): Promise<string> {
    this.#folder ??= mkdtemp(join(this.#parent, 'sandbox-connect-'))
    this.#count += 1
    // Read before the folder is awaited: another call may count on meanwhile.
    const name = String(this.#count)
    return join(await this.#folder, name)
  }

  /** Also the reset: what was received so far is gone, a new folder follows. */
  async clear (): Promise<void> {
    const folder = this.#folder
    this.#folder = null
    if (folder) await rm(await folder, { recursive: true, force: true })
  }
}
