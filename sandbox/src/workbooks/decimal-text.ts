/**
 * The most characters of a text that is read as a number. The longest number that Connect's API accepts (±1e16 with
 * eight decimals) has 27.
 */
const longest = 40

/**
 * Gives the number in a cell's text as a plain decimal. Null for another text, also `1e3`, `+5` and `.5`, and for more
 * than 40 characters. Leading zeros and the sign of zero are dropped; zeros at the end stay.
 */
export function parseDecimal (text: string): string | null {
  const match = /^(-?)0*(\d+)(\.\d+)?$/.exec(text.trim())
  if (match === null || text.length > longest) return null
  const [, sign = '', whole = '', fraction = ''] = match
  return /[1-9]/.test(whole + fraction) ? sign + whole + fraction : whole + fraction
}

/** Gives how many decimals a plain decimal needs: `4.0000` needs none. */
export function decimalsOf (decimal: string): number {
  return (decimal.split('.')[1] ?? '').replace(/0+$/, '').length
}

/** Gives a plain decimal with zeros added up to a number of decimals. It never drops decimals. */
export function padDecimals (decimal: string, decimals: number): string {
  const [whole = '0', fraction = ''] = decimal.split('.')
  const padded = fraction.padEnd(decimals, '0')
  return padded === '' ? whole : `${whole}.${padded}`
}

/** Whether a plain decimal, without its sign, is larger than a whole number. */
export function exceeds (decimal: string, bound: bigint): boolean {
  const [whole = '0'] = decimal.replace('-', '').split('.')
  return BigInt(whole) > bound || (BigInt(whole) === bound && decimalsOf(decimal) > 0)
}

/** Gives the shortest text without an exponent. An account number in a numeric cell must keep its plain digits. */
export function numberText (value: number): string {
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = '', first = '', rest = '', exponent = '0'] = match
  const shift = Number(exponent)
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${first}${rest}`
  return sign + first + rest.padEnd(shift, '0')
}

/** Gives `1500` for `1.5e3`, `7.50` for `+07.50`; null for no number, or an exponent of more than three digits. */
export function plainDecimal (text: string): string | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text)
  if (match === null) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole + fraction === '') return null
  const places = fraction.length - Number(exponent)
  const digits = (whole + fraction).padEnd(whole.length + fraction.length - Math.min(places, 0), '0')
  const filled = digits.padStart(Math.max(places, 0) + 1, '0')
  const cut = filled.length - Math.max(places, 0)
  const plain = filled.slice(0, cut).replace(/^0+(?=\d)/, '') + (places > 0 ? `.${filled.slice(cut)}` : '')
  return (sign === '-' ? '-' : '') + plain
}
