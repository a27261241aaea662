import { randomBytes } from 'node:crypto'

/** Marks the texts that `writeJson` makes JSON numbers. It is random, so that no text of a request begins with it. */
export const NUMBER_MARK = randomBytes(9).toString('hex')

/** An exact number, as amounts may be above 2^53. JSON shows all its digits. A text that is no number gives 0. */
export class Decimal {
  readonly text: string

  constructor (text: string) {
    this.text = toJsonNumber(text)
  }

  toJSON (): string {
    return NUMBER_MARK + this.text
  }

  /**
   * Gives the nearest floating-point number as Python writes it: `1.0`, `1e-05`, `1e+16`. A number that is too large
   * for floating point stays as it is.
   */
  toFloat (): Decimal {
    const value = Number(this.text)
    if (!Number.isFinite(value)) return this
    const [mantissa = '0', power = '+0'] = value.toExponential().split('e')
    if (Number(power) < -4 || Number(power) >= 16) {
      return new Decimal(`${mantissa}e${power.charAt(0)}${power.slice(1).padStart(2, '0')}`)
    }
    const plain = String(value)
    return new Decimal(plain.includes('.') ? plain : `${plain}.0`)
  }

  static sum (values: Iterable<Decimal>): Decimal {
    let total = 0n
    let scale = 0
    for (const value of values) {
      const { digits, decimals } = split(value.text)
      if (decimals > scale) {
        total *= 10n ** BigInt(decimals - scale)
        scale = decimals
      }
      total += digits * 10n ** BigInt(scale - decimals)
    }
    return new Decimal(join(total, scale))
  }

  /** Gives -1, 0 or 1 when `left` is smaller than, equal to or larger than `right`. Exact for numbers of any length. */
  static compare (left: Decimal, right: Decimal): number {
    const [a, b] = [split(left.text), split(right.text)]
    const scale = Math.max(a.decimals, b.decimals)
    const difference = a.digits * 10n ** BigInt(scale - a.decimals) - b.digits * 10n ** BigInt(scale - b.decimals)
    return difference < 0n ? -1 : difference > 0n ? 1 : 0
  }

  whole (): Decimal {
    const { digits, decimals } = split(this.text)
    return new Decimal((digits / 10n ** BigInt(decimals)).toString())
  }
}

const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
const looseNumber = /^([+-]?)0*(\d*)(\.\d*)?$/

/** Numbers such as `007`, `+5` or `.5` get the form that JSON allows. */
function toJsonNumber (text: string): string {
  const trimmed = text.trim()
  if (jsonNumber.test(trimmed)) return trimmed
  const match = looseNumber.exec(trimmed)
  if (!match || trimmed === '' || trimmed === '.') return '0'
  const fraction = match[3] && match[3].length > 1 ? match[3] : ''
  return `${match[1] === '-' ? '-' : ''}${match[2] || '0'}${fraction}`
}

function split (text: string): { digits: bigint, decimals: number } {
  const [mantissa = '0', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const decimals = fraction.length - Number(exponent)
  const digits = BigInt(`${whole}${fraction}`)
  return decimals >= 0 ? { digits, decimals } : { digits: digits * 10n ** BigInt(-decimals), decimals: 0 }
}

function join (digits: bigint, scale: number): string {
  const sign = digits < 0n ? '-' : ''
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  return scale === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}
