/**
 * Gives an object with one field, whose name is `name` and whose value is the text `value`. Without a text gives an
 * empty object: some HTTP callers write null for a field that they do not set.
 */
export function present<Name extends string> (
  name: Name,
  value: string | null | undefined
): { [name in Name]?: string } {
  return typeof value === 'string' ? ({ [name]: value } as { [name in Name]: string }) : {}
}
