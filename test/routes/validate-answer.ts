import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import { resources } from '../../schemas/index.ts'

const context = Object.fromEntries(resources.map(schema => [(schema as { $id?: string }).$id ?? '', schema]))
const compiled = new Map<TSchema, ReturnType<typeof compile>>()

function compile (schema: TSchema) {
  return Compile(context, schema)
}

/** Throws with the faults unless the value is what the schema, or the resource of that name, says. */
export function conformsTo (schema: TSchema | string, value: unknown): true {
  const found = typeof schema === 'string' ? context[schema] : schema
  if (found === undefined) throw new Error(`no resource ${String(schema)}`)
  const check = compiled.get(found) ?? compile(found)
  compiled.set(found, check)
  if (check.Check(value)) return true
  throw new Error(`not as its schema says: ${JSON.stringify(check.Errors(value).slice(0, 5))}`)
}
