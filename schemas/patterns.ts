import { Type } from 'typebox'

/** A pattern, and what a caller whose value does not match it is told: regular expressions are for programs. */
export const pattern = (source: string, message: string) => ({ 'pattern': source, 'x-pattern-message': message })

/** For texts that need a character that can be seen. */
export const NOT_BLANK = { minLength: 1, ...pattern('\\S', 'must not be blank') }

export const idOf = (what: string, source: string, example: string) =>
  Type.String({ ...pattern(source, `must be an id such as ${example}`), description: `Id of the ${what}.`, examples: [example] })
