import { readFileSync } from 'node:fs'

/**
 * The version of the service, as package.json has it, such as `1.2.0`. That file is two folders above the compiled
 * form of this one, also in the image.
 */
export const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
) as { version: string }
