/** An optional field for Connect. Null is left out, because some callers write null for a field they do not set. */
export function present<Name extends string> (
  name: Name,
  value: string | null | undefined
): { [name in Name]?: string } {
  return typeof value === 'string' ? ({ [name]: value } as { [name in Name]: string }) : {}
}
