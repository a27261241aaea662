import { Field } from './field.tsx'

/** An input in which a person writes a text of one line. */
export interface TextInput { name: string, label: string, hint?: string, isRequired?: boolean, maxLength?: number }

export type Texts = Readonly<Record<string, string>>

interface TextFieldsProps {
  inputs: readonly TextInput[]
  values: Texts
  onChange: (values: Texts) => void
}

/** Inputs for several texts. An input without `maxLength` accepts 255 characters, as a billing id may have. */
export function TextFields ({ inputs, values, onChange }: TextFieldsProps) {
  return (
    <>
      {inputs.map(({ name, label, hint, isRequired = false, maxLength = 255 }) => (
        <Field key={name} label={label} hint={hint}>
          <input
            required={isRequired} maxLength={maxLength} value={values[name] ?? ''}
            onInput={event => { onChange({ ...values, [name]: event.currentTarget.value }) }}
          />
        </Field>
      ))}
    </>
  )
}

/** Gives the texts that are not blank, without white space at their ends. */
export function given (values: Texts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, text]) => [name, text.trim()] as const).filter(([, text]) => text !== '')
  )
}
