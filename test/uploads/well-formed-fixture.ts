import { KIB, MIB } from './forms.ts'

export const HELD = 256 * KIB

export const sizes = [26, 1000, HELD - 1, HELD, HELD + 1, MIB]
