import { AppError } from '../errors/app-error.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { checkFile, prepareFile } from './check-file.ts'
import { convertFile } from './convert.ts'
import { digestFile } from './digest.ts'
import { fillBilling } from './fill-billing.ts'
import { markProblems } from './mark-problems.ts'
import { markRows } from './mark-rows.ts'
import { readMember } from './read-member.ts'
import { writeRowErrors } from './row-errors.ts'

/** What a worker thread sends back. An AppError would lose its class on the way, so it goes as plain data. */
export type Outcome<Result> = { result: Result } | { code: ErrorCode, detail: string }

/** The errors of a write when the disk, or the quota of the user, is full. */
const NO_ROOM = ['ENOSPC', 'EDQUOT']

/**
 * Makes a task of a function. Input and result are plain data. Files are passed as `SharedFile`. The function may make
 * blocking calls: each worker thread runs one task at a time. An AppError or a full disk becomes an outcome with a
 * code.
 */
function task<Input, Result> (
  work: (input: Input) => Promise<Result>
): (input: Input) => Promise<Outcome<Result>> {
  return async (input) => {
    try {
      return { result: await work(input) }
    } catch (error) {
      if (error instanceof AppError) return { code: error.code, detail: error.message }
      if (NO_ROOM.includes((error as NodeJS.ErrnoException).code ?? '')) {
        return { code: 'OVERLOADED', detail: 'There is no room on disk for the table; try again later.' }
      }
      throw error
    }
  }
}

/** The tasks of the worker threads. To add a task, export it here and call `TablePool.run` with its name. */
export const convert = task(convertFile)
export const fill = task(fillBilling)
export const findRowErrors = task(writeRowErrors)
export const markRowErrors = task(markRows)
export const markCheck = task(markProblems)
export const check = task(checkFile)
export const prepare = task(prepareFile)
export const digest = task(digestFile)
export const member = task(readMember)
