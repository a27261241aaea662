import { readFileSync } from 'node:fs'

/** As package.json has it. That file is two folders above the compiled form of this one, also in the image. */
export const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
) as { version: string }
