const NUMBER = /^([+-]?)(\d{1,60})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,2}))?$/

/** An exact decimal number: `units` × 10^-`scale`. `scale` is 0 or more. */
export interface Decimal { readonly units: bigint, readonly scale: number }

/**
 * Reads texts such as `12`, `+007.50` and `-1.5e3` without rounding. Null for texts such as `.5` and `5.`, for more
 * than 60 digits before or after the point, and for an exponent of more than two digits.
 */
export function parseDecimal (text: string): Decimal | null {
  const parts = NUMBER.exec(text.trim())
  if (parts === null) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  const units = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`)
  const scale = fraction.length - Number(exponent)
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 }
}

/** Gives how many decimals the value needs, without zeros at the end: 2 for 0.150, 0 for 4.000. */
export function decimalsOf ({ units, scale }: Decimal): number {
  let [rest, decimals] = [units, scale]
  while (decimals > 0 && rest % 10n === 0n) {
    rest /= 10n
    decimals -= 1
  }
  return decimals
}

/** Gives a decimal number as a text, with `scale` digits after the point and without an exponent. */
export function writeDecimal ({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const at = digits.length - scale
  const text = scale === 0 ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`
  return units < 0n ? `-${text}` : text
}

export class ExactSum {
  #units = 0n
  #scale = 0

  add ({ units, scale }: Decimal): void {
    if (scale > this.#scale) {
      this.#units *= 10n ** BigInt(scale - this.#scale)
      this.#scale = scale
    }
    this.#units += scale === this.#scale ? units : units * 10n ** BigInt(this.#scale - scale)
  }

  /** Gives the sum with as many decimals, zeros included, as the added number with the most decimals has. */
  toString (): string {
    return writeDecimal({ units: this.#units, scale: this.#scale })
  }
}
