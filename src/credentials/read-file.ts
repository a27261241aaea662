import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

const MAX_BYTES = 64 * 1024 * 1024

/** Throws errors with codes, such as EISDIR for a folder, EINVAL for a pipe or a device, EFBIG for over 64 MiB. */
export function readConfigFile (path: string): string {
  // With O_NONBLOCK the opening of a pipe does not wait for a process that writes into the pipe.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(file)
    if (stat.isDirectory()) throw failure('EISDIR')
    if (!stat.isFile()) throw failure('EINVAL')
    if (stat.size > MAX_BYTES) throw failure('EFBIG')
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

function failure (code: string): Error {
  return Object.assign(new Error(code), { code })
}
