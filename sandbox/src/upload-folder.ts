import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The private folder for received files. It is made when a file arrives, and removed by `clear`. */
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
    // The number is read before the wait for the folder, because another call may change it in the meantime.
    const name = String(this.#count)
    return join(await this.#folder, name)
  }

  async clear (): Promise<void> {
    const folder = this.#folder
    this.#folder = null
    if (folder) await rm(await folder, { recursive: true, force: true })
  }
}
