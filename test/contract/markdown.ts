/** The cells of the rows of every table under a heading, up to the next heading of the same level. */
export function tableRows (markdown: string, heading: string): string[][] {
  const lines = section(markdown, heading).split('\n')
  return lines
    .filter(
      (line, i) => line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line) && !/^\|[\s:|-]+\|$/.test(lines[i + 1] ?? '')
    )
    .map(line =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map(cell => cell.trim())
    )
}

/** The text under a heading, sub-headings included. */
export function section (markdown: string, heading: string): string {
  const lines = markdown.split('\n')
  const start = lines.findIndex(line => new RegExp(`^#+ ${heading}$`).test(line))
  if (start === -1) throw new Error(`there is no heading ${heading}`)
  const level = lines[start]!.indexOf(' ')
  let isCode = false
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => {
    if (line.startsWith('```')) isCode = !isCode
    return !isCode && /^#+ /.test(line) && line.indexOf(' ') <= level
  })
  return rest.slice(0, end === -1 ? undefined : end).join('\n')
}
