import { readFile } from 'node:fs/promises'
import type { StoredFile } from './types.ts'

export async function readStored (stored: StoredFile): Promise<Uint8Array> {
  if (stored.kind === 'disk') return await readFile(stored.path)
  throw new Error('a seeded file has no bytes of its own')
}
