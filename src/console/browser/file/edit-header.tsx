import type { Schemas, UsageFile } from '@connect-usage-bff/client'
import { useState } from 'preact/hooks'
import { day } from '../format.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Field } from '../parts/field.tsx'
import { useSession } from '../session.tsx'
import { sendOnce, useWork } from '../writes.ts'

interface EditHeaderProps {
  file: UsageFile
  onFile: (file: UsageFile) => void
  onClose: () => void
}

type Values = Record<'from' | 'to' | 'currency' | 'externalId' | 'description' | 'note', string>
type Changes = Schemas['UpdateUsageFile']

/** Sends only the fields that a person has changed. When one day of the period has changed, sends both days. */
export function EditHeader ({ file, onFile, onClose }: EditHeaderProps) {
  const { client } = useSession()
  const work = useWork()
  const [before] = useState(() => valuesOf(file))
  const [values, setValues] = useState(before)
  const changes = changesOf(before, values)
  const save = async (): Promise<void> => {
    const { data } = await sendOnce(`update ${file.id}`, changes, async idempotencyKey =>
      await client.PATCH('/v1/usage-files/{fileId}', {
        params: { path: { fileId: file.id } }, body: changes, idempotencyKey
      }))
    onFile(data)
    onClose()
  }
  const input = (name: keyof Values, label: string, type = 'text', hint?: string) => (
    <Field label={label} hint={hint}>
      <input
        type={type} value={values[name]} required={type === 'date'} maxLength={name === 'currency' ? 20 : 200}
        onInput={event => { setValues({ ...values, [name]: event.currentTarget.value }) }}
      />
    </Field>
  )
  return (
    <Confirm
      title={`Change the header: ${file.name ?? file.id}`} verb='Save' isReady={Object.keys(changes).length > 0}
      work={work} onClose={onClose} onConfirm={() => { void work.run(save) }}
    >
      <p class='muted'>The rows of the file stay as they are. An empty field is cleared.</p>
      <div class='fields'>
        {input('from', 'Period from', 'date')}
        {input('to', 'Period to', 'date', 'That day is included.')}
        {input('currency', 'Currency')}
        {input('externalId', 'External id', 'text', 'The id of the report in your system.')}
        {input('description', 'Description')}
        {input('note', 'Note')}
      </div>
    </Confirm>
  )
}

function valuesOf ({ period, currency, externalId, description, note }: UsageFile): Values {
  return {
    from: period?.from == null ? '' : day(period.from),
    to: period?.to == null ? '' : day(period.to),
    currency: currency ?? '',
    externalId: externalId ?? '',
    description: description ?? '',
    note: note ?? ''
  }
}

function changesOf (before: Values, { from, to, ...texts }: Values): Changes {
  const changed = Object.entries(texts).filter(([name, text]) => before[name as keyof Values] !== text)
  return {
    ...Object.fromEntries(changed.map(([name, text]) => [name, text === '' ? null : text])),
    ...((before.from !== from || before.to !== to) && { period: { from, to } })
  }
}
