import { decoded } from '../streaming/decoded-text.ts'
import { JsonLists } from '../streaming/json-lists.ts'
import { tableError } from './read-json.ts'
import { readFile, withFile, type SharedFile } from './shared-file.ts'
import { ROW_CHARS_MAX } from './table.ts'

/**
 * Gives the JSON text of a member that is not `rows` or `categories`: the text `null` for the value null, and null when
 * there is no such member. Makes blocking calls. Throws 400 for a file that is no JSON object in UTF-8 (what these two
 * lists hold is not checked), and 413 for a value or a row that is too long.
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
