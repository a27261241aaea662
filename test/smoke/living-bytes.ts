/**
 * Loaded into a service under test before its own code (`node --expose-gc --import`): at SIGUSR2 it collects garbage
 * and sends its parent the number of bytes that are still in use. The resident size of a process tells less: the
 * allocator and the collector give memory back when they like.
 */
const collect = globalThis.gc as () => void

process.on('SIGUSR2', () => {
  // The second collection takes what the finalizers of the first one set free.
  collect()
  setImmediate(() => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    process.send?.(heapUsed + external)
  })
})
