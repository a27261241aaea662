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

/** The result of a task, or the parts of an AppError, which itself would lose its class between threads. */
export type Outcome<Result> = { result: Result } | { code: ErrorCode, detail: string }

/** The codes of Node.js for a write that fails because the disk, or the user's share of it, is full. */
const NO_ROOM = ['ENOSPC', 'EDQUOT']

/**
 * Makes a function that gives an AppError of `work`, and a lack of room on disk, as data, because threads exchange only
 * data. `work` may make blocking calls: a thread runs one task at a time.
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

/** The tasks of the worker threads, by the names that `TablePool.run` takes. To add a task, export it here. */
export const convert = task(convertFile)
export const fill = task(fillBilling)
export const findRowErrors = task(writeRowErrors)
export const markRowErrors = task(markRows)
export const markCheck = task(markProblems)
export const check = task(checkFile)
export const prepare = task(prepareFile)
export const digest = task(digestFile)
export const member = task(readMember)
