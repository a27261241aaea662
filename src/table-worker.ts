/** The program of the worker threads that read and write tables (src/tables/pool.ts). */
export * from './tables/tasks.ts'
