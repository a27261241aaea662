/** The worker threads of `crash-server.ts`, which is bundled into this folder: the service looks for them beside it. */
export * from '../src/tables/tasks.ts'
