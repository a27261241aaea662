import { Type as TypeBox } from 'typebox'
import t from 'tap'
import { Type } from '../../schemas/type.ts'

t.test('the schemas are those that TypeBox makes, member by member', async (t) => {
  const schemaOf = (T: typeof Type): object => T.Object({
    id: T.String({ minLength: 1, examples: ['x'] }),
    plain: T.String(),
    note: T.Optional(T.String()),
    count: T.Optional(T.Integer({ minimum: 0 })),
    isNew: T.Boolean({ description: 'd' }),
    always: T.Optional(T.Literal('a')),
    onlyTrue: T.Literal(true, { type: 'boolean', description: 'd' }),
    status: T.Enum(['open', 'closed'], { type: 'string' }),
    of: T.Unsafe<object>(T.Ref('Other')),
    list: T.Optional(T.Array(T.Object({ first: T.Optional(T.Integer()) }), { maxItems: 3 }))
  }, { $id: 'Thing', additionalProperties: false })
  t.equal(JSON.stringify(schemaOf(Type)), JSON.stringify(schemaOf(TypeBox)))
})

t.test('what may be left out may be so in every object it is used in, and only as that', async (t) => {
  const note = Type.String()
  const optional = Type.Optional(note)
  t.notOk('required' in Type.Object({ ...Type.Object({ optional }).properties }))
  t.same((Type.Object({ note, optional }) as { required?: string[] }).required, ['note'])
})
