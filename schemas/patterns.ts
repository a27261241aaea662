import { Type } from './type.ts'

/** A pattern, and what a caller whose value does not match it is told: regular expressions are for programs. */
export const pattern = (source: string, message: string) => ({ 'pattern': source, 'x-pattern-message': message })

/** For texts that need a character that can be seen. */
export const NOT_BLANK = { minLength: 1, ...pattern('\\S', 'must not be blank') }

export const idOf = (what: string, source: string, example: string) =>
  Type.String({ ...pattern(source, `must be an id such as ${example}`), description: `Id of the ${what}.`, examples: [example] })

/** Ids that stand in paths and in filters: what is impossible in one is so in the other. */
export const fileId = idOf('usage file', '^UF(-[0-9]{1,12}){2,7}$', 'UF-2026-11-4410-7719')
export const chunkId = idOf('chunk', '^UFC(-[0-9]{1,12}){2,8}$', 'UFC-2026-11-4410-7719-001')
export const assetId = idOf('subscription', '^AS(-[0-9]{1,12}){1,8}$', 'AS-0596-0203-2918')
/** `CN-…` are products from before the ids of today. */
export const productId = idOf('product', '^(PRD|CN)(-[0-9]{1,12}){1,8}$', 'PRD-113-628-780')
