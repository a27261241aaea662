import type { Type as TypeBox } from 'typebox'

const optional = new WeakSet<object>()

/**
 * TypeBox's constructors, as far as they are used here: its types, and the plain JSON Schemas that it makes. The package
 * itself is 373 modules and some 200 ms of CPU at each start; a test compares the two.
 */
export const Type = {
  String: (options?: object) => ({ type: 'string', ...options }),
  Integer: (options?: object) => ({ type: 'integer', ...options }),
  Boolean: (options?: object) => ({ type: 'boolean', ...options }),
  Literal: (value: string | boolean, options?: object) => ({ type: typeof value, const: value, ...options }),
  Enum: (values: readonly string[], options?: object) => ({ enum: values, ...options }),
  Array: (items: object, options?: object) => ({ type: 'array', items, ...options }),
  Object: (properties: Readonly<Record<string, object>>, options?: object) => {
    const required = Object.keys(properties).filter(name => !optional.has(properties[name] as object))
    return { type: 'object', ...(required.length > 0 && { required }), properties, ...options }
  },
  Ref: (name: string) => ({ $ref: name }),
  Unsafe: (schema: object) => schema,
  Optional: (schema: object) => {
    const copy = { ...schema }
    optional.add(copy)
    return copy
  }
} as unknown as Pick<typeof TypeBox, 'Array' | 'Boolean' | 'Enum' | 'Integer' | 'Literal' | 'Object' | 'Optional' | 'Ref' | 'String' | 'Unsafe'>
