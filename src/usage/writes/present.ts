/**
 * Gives an object with this field, for a body that Connect takes. Without a value, or with null, the object is empty:
 * some callers write null for a field that they do not set.
 */
export function present<Name extends string> (
  name: Name,
  value: string | null | undefined
): { [name in Name]?: string } {
  return typeof value === 'string' ? ({ [name]: value } as { [name in Name]: string }) : {}
}
