import { readTab, removeTab, writeTab } from '../tab-storage.ts'

/** Base64 makes three bytes four characters, and browsers store about five million characters for a tab. */
const MAX_BYTES = 2 * 1024 * 1024
const NAME = 'table'

interface KeptTable { sendingId: string, name: string, type: string, lastModified: number, base64: string }

/** Stores the table of a sending in the tab, in place of an earlier table. Stores none when it is too large. */
export async function keepTable (table: File, sendingId: string): Promise<void> {
  removeTab(NAME)
  if (table.size > MAX_BYTES) return
  const { name, type, lastModified } = table
  const base64 = await base64Of(table)
  writeTab(NAME, { sendingId, name, type, lastModified, base64 } satisfies KeptTable)
}

/** Gives the stored table; null when it is of another sending. */
export function keptTable (sendingId: string): File | null {
  const kept = readTab<KeptTable>(NAME)
  if (kept?.sendingId !== sendingId) return null
  const { name, type, lastModified, base64 } = kept
  return new File([Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))], name, { type, lastModified })
}

export function forgetTable (): void {
  removeTab(NAME)
}

async function base64Of (blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  // The bytes are given to `fromCharCode` in parts, because the number of arguments of a call is limited.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text)
}
