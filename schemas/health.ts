import { Type } from 'typebox'

export const Health = Type.Object({
  status: Type.Enum(['ok', 'draining'], { type: 'string', description: 'Whether the instance takes requests.' }),
  version: Type.String({ description: 'The version of this service.' })
}, { additionalProperties: false, description: 'State of this instance.' })

export const READINESS_EXAMPLE = { status: 'ok', store: 'ok', connect: 'ok' }

export const Readiness = Type.Object(
  {
    status: Type.Enum(['ok', 'draining', 'unavailable'], {
      type: 'string',
      description:
        'Whether the instance takes requests; `unavailable` while its state store does not answer or take writes.'
    }),
    store: Type.Enum(['ok', 'failing'], {
      type: 'string',
      description:
        'Whether the state store answers and takes writes, as a write of the last second or a trial shows. While it ' +
        'does not, every write is refused, and reads go on.'
    }),
    connect: Type.Enum(['unknown', 'ok', 'failing'], {
      type: 'string',
      description:
        'How the last call to Connect ended. It is reported only: another instance would not reach Connect any better.'
    })
  },
  { additionalProperties: false, description: 'State of this instance and of what it depends on.' }
)
