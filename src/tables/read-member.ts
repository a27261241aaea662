import { decoded } from '../streaming/decoded-text.ts'
import { JsonLists } from '../streaming/json-lists.ts'
import { tableError } from './read-json.ts'
import { readFile, withFile, type SharedFile } from './shared-file.ts'
import { ROW_CHARS_MAX } from './table.ts'

/**
 * Gives the value of one member of a JSON table in a file, as JSON text. `member` is its name, which is not `rows` or
 * `categories`. When the value is null, the text is `null`. When the file has no such member, gives null and no text.
 * Makes blocking calls. Throws 400 for a file that is not UTF-8, is no JSON object or has a member twice, and 413 for a
 * value or a row that is too long.
 */
export async function readMember (
  { input, member }: { input: SharedFile, member: string }
): Promise<string | null> {
  let found: string | null = null
  const lists = new JsonLists({
    lists: ['rows', 'categories'],
    maxValueChars: ROW_CHARS_MAX,
    onElement: () => {},
    onMember: () => {},
    onValue: (name, text) => { if (name === member) found = text }
  })
  try {
    await withFile(input, 'r', async fd => {
      for await (const piece of decoded(readFile(fd))) lists.push(piece)
    })
    lists.finish()
  } catch (error) {
    throw tableError(error)
  }
  return found
}
