/** An object with the field `name`; empty without a text. Some callers write null for a field that they do not set. */
export function present<Name extends string> (
  name: Name,
  value: string | null | undefined
): { [name in Name]?: string } {
  return typeof value === 'string' ? ({ [name]: value } as { [name in Name]: string }) : {}
}
