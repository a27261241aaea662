/** The code of the worker threads of `crash-server.ts`. A bundled service looks for it in its own folder. */
export * from '../src/tables/tasks.ts'
