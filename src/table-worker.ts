/** The program of the worker threads that convert tables (src/tables/pool.ts). */
export { convert } from './tables/convert.ts'
