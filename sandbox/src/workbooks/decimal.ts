/** Longer than any amount Connect's API can hold (±1e16, eight decimals), with room to spare. */
const longest = 40

/**
 * Takes a cell's text; gives it as a plain decimal, digit for digit, or null when it is no number.
 * Leading zeros and the sign of nought are dropped, trailing zeros stay.
 */
export function parseDecimal (text: string): string | null {
  const match = /^(-?)0*(\d+)(\.\d+)?$/.exec(text.trim())
  if (match === null || text.length > longest) return null
  const [, sign = '', whole = '', fraction = ''] = match
  return /[1-9]/.test(whole + fraction) ? sign + whole + fraction : whole + fraction
}

/** Takes a plain decimal; gives how many decimals it needs: `4.0000` needs none. */
export function decimalsOf (decimal: string): number {
  return (decimal.split('.')[1] ?? '').replace(/0+$/, '').length
}

/** Takes a plain decimal and a number of decimals; gives it padded with zeros, never shortened. */
export function padDecimals (decimal: string, decimals: number): string {
  const [whole = '0', fraction = ''] = decimal.split('.')
  const padded = fraction.padEnd(decimals, '0')
  return padded === '' ? whole : `${whole}.${padded}`
}

/** Takes two plain decimals; gives their exact sum, with as many decimals as the longer one has. */
export function addDecimals (left: string, right: string): string {
  const scale = Math.max(fractionLength(left), fractionLength(right))
  const sum = units(left, scale) + units(right, scale)
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, '0')
  const cut = digits.length - scale
  return (sum < 0n ? '-' : '') + digits.slice(0, cut) + (scale === 0 ? '' : `.${digits.slice(cut)}`)
}

/** Takes a plain decimal and a whole number; says whether the decimal is larger in size, sign aside. */
export function exceeds (decimal: string, bound: bigint): boolean {
  const [whole = '0'] = decimal.replace('-', '').split('.')
  return BigInt(whole) > bound || (BigInt(whole) === bound && decimalsOf(decimal) > 0)
}

/**
 * Takes a number; gives the shortest text that reads back as the same number, without an exponent:
 * an account number kept as a numeric cell must come out as plain digits.
 */
export function numberText (value: number): string {
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = '', first = '', rest = '', exponent = '0'] = match
  const shift = Number(exponent)
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${first}${rest}`
  return sign + first + rest.padEnd(shift, '0')
}

/**
 * Takes the text of a number, with or without an exponent; gives its digits without one, or null when it is no number
 * or has too many digits to write out.
 */
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

function fractionLength (decimal: string): number {
  return (decimal.split('.')[1] ?? '').length
}

function units (decimal: string, scale: number): bigint {
  return BigInt(padDecimals(decimal, scale).replace('.', ''))
}
