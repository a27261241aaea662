import { Type } from 'typebox'

/** Gives two members of a schema: the pattern, and the message that a caller gets when a value does not match it. */
export const pattern = (source: string, message: string) => ({ pattern: source, 'x-pattern-message': message })

/**
 * White space, for a character class of a regular expression. U+0085 is white space in Python (Connect), but `\s` in
 * JavaScript does not match it.
 */
const SPACE = '\\s\\u0085'
/**
 * Invisible characters, for a character class of a regular expression, such as soft hyphen, zero-width spaces and
 * joiners, direction marks, fillers, and variation selectors. A text may contain them, but a text of only these looks
 * empty.
 */
const INVISIBLE =
  '\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e' +
  '\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\uffa0\\ufff9-\\ufffb'
const VISIBLE = `[^${SPACE}${INVISIBLE}]`

export const NOT_BLANK = { minLength: 1, ...pattern(VISIBLE, 'must not be blank') }

/**
 * The rule for ids and names that are used to find an object again. They need a visible character. White space at their
 * ends is refused: Connect may remove it, and then the object would not be found.
 */
export const TRIMMED = {
  minLength: 1,
  ...pattern(
    // The pattern has no lookahead, because generators of clients in other languages do not know it.
    `^([${INVISIBLE}][${SPACE}${INVISIBLE}]*)?${VISIBLE}([\\s\\S]*[^${SPACE}])?$`,
    'must not be blank, or begin or end with white space'
  )
}

export const idOf = (what: string, source: string, example: string) =>
  Type.String({
    ...pattern(source, `must be an id such as ${example}`),
    description: `Id of the ${what}.`,
    examples: [example]
  })

export const fileId = idOf('usage file', '^UF(-[0-9]{1,12}){2,7}$', 'UF-2026-09-1512-0016')
/**
 * The pattern of the id of a usage record. It has the year after `UR-`. The id of a person also begins with `UR-`, but
 * three digits follow.
 */
export const RECORD_ID = '^UR-[0-9]{4}(-[0-9]{1,12}){1,8}$'
export const recordId = idOf('usage record', RECORD_ID, 'UR-2026-09-1512-0016-0001-3524')
export const chunkId = idOf('chunk', '^UFC(-[0-9]{1,12}){2,8}$', 'UFC-2026-09-1512-0016-001')
export const reconciliationId =
  idOf('reconciliation', '^RCF(-[0-9]{1,12}){2,8}$', 'RCF-2026-09-0041-0024-001')
export const assetId = idOf('subscription', '^AS(-[0-9]{1,12}){1,8}$', 'AS-5501-1000-0001')
/** `CN-…` is the older form of the ids of products. */
export const productId = idOf('product', '^(PRD|CN)(-[0-9]{1,12}){1,8}$', 'PRD-276-377-545')
export const itemId = idOf('item', '^(PRD|CN)(-[0-9]{1,12}){1,9}$', 'PRD-276-377-545-0002')
export const hubId = idOf('hub', '^HB(-[0-9]{1,12}){1,8}$', 'HB-5603-6213')
export const contractId = idOf('distribution contract', '^CRD(-[0-9]{1,12}){1,8}$', 'CRD-10000-20000-30000')
export const marketplaceId = idOf('marketplace', '^MP(-[0-9]{1,12}){1,8}$', 'MP-69876')
export const vendorId = idOf('vendor account', '^VA(-[0-9]{1,12}){1,8}$', 'VA-100-200')
export const providerId = idOf('provider account', '^PA(-[0-9]{1,12}){1,8}$', 'PA-400-500')
