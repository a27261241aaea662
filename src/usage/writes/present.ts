/**
 * Gives an object with the one field `name`, for a body that is sent to Connect. Without a value, or with null, the
 * object is empty: some HTTP callers write null for a field that they do not set.
 */
export function present<Name extends string> (
  name: Name,
  value: string | null | undefined
): { [name in Name]?: string } {
  return typeof value === 'string' ? ({ [name]: value } as { [name in Name]: string }) : {}
}
