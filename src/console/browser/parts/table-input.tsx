import { useState } from 'preact/hooks'
import { Field } from './field.tsx'
import { FileDrop } from './file-drop.tsx'

interface TableInputProps {
  /** The hint below the area for files, for example the forms of files that it takes. */
  hint: string
  example: string
  onTable: (table: File) => void
}

/** Inputs for a table: a file that is dropped or chosen, or pasted rows, which are taken as a CSV file. */
export function TableInput ({ hint, example, onTable }: TableInputProps) {
  const [text, setText] = useState('')
  return (
    <div class='two'>
      <FileDrop label='Drop a CSV or a workbook here, or choose one' hint={hint} onFile={onTable} />
      <div class='field'>
        <Field label='Or paste rows, with the names of the columns in the first line'>
          <textarea
            spellcheck={false} placeholder={example} value={text}
            onInput={event => { setText(event.currentTarget.value) }}
          />
        </Field>
        <div class='buttons'>
          <button
            type='button' disabled={text.trim() === ''}
            onClick={() => { onTable(new File([text], 'pasted.csv', { type: 'text/csv' })) }}
          >Use the pasted rows
          </button>
        </div>
      </div>
    </div>
  )
}
