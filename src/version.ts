import { readFileSync } from 'node:fs'

/** Of package.json, which lies two folders above the compiled file, in the image too. */
export const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
) as { version: string }
