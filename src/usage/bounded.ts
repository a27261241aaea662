/** Maps with at most `width` at work; the results keep the order. The first failure is the outcome. */
export async function mapBounded<From, To> (
  items: readonly From[],
  width: number,
  map: (item: From) => Promise<To>
): Promise<To[]> {
  const results: To[] = []
  const waiting = items.entries()
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await map(item)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work))
  return results
}
