/** An optional field for Connect: null, as some callers write what they leave out, is not sent. */
export function present<Name extends string> (
  name: Name,
  value: string | null | undefined
): { [name in Name]?: string } {
  return typeof value === 'string' ? ({ [name]: value } as { [name in Name]: string }) : {}
}
