import { useId, useState } from 'preact/hooks'

interface FileDropProps {
  label: string
  hint: string
  onFile: (file: File) => void
}

/** An area on which a person drops one file, or chooses it. Of several dropped files it takes the first. */
export function FileDrop ({ label, hint, onFile }: FileDropProps) {
  const [isOver, setIsOver] = useState(false)
  const id = useId()
  const take = (files: FileList | null | undefined): void => {
    const file = files?.[0]
    if (file !== undefined) onFile(file)
  }
  return (
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={event => {
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => { setIsOver(false) }}
      onDrop={event => {
        event.preventDefault()
        setIsOver(false)
        take(event.dataTransfer?.files)
      }}
    >
      <label for={id}><b>{label}</b></label>
      <input
        id={id} type='file' accept='.csv,.xlsx,.ndjson,.json,text/csv' aria-describedby={`${id}-hint`}
        onChange={event => { take(event.currentTarget.files) }}
      />
      <span class='small muted' id={`${id}-hint`}>{hint}</span>
    </div>
  )
}
