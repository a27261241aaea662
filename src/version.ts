import { readFileSync } from 'node:fs'

/** The version in package.json, which is two folders above the compiled form of this file, also in the image. */
export const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
) as { version: string }
