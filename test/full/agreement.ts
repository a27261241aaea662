/**
 * Checks 5,000 random tables as this service does and as the sandbox does (test/tables/agreement.ts). Prints the first
 * 20 disagreements; exits with 1 when there is one. The first argument is the seed of the tables.
 */
import { findDisagreements } from '../tables/agreement.ts'

const TABLES = 5_000
const found = await findDisagreements(TABLES, Number(process.argv[2] ?? '16'))
for (const one of found.slice(0, 20)) console.log(`NOT OK ${one}`)
console.log(`${TABLES} tables, ${found.length} disagreements`)
process.exit(found.length === 0 ? 0 : 1)
