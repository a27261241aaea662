import { Problem } from './problem.tsx'
import { useWork } from '../writes.ts'

interface DownloadProps {
  label: string
  /** The whole name of the button for screen readers, where the label alone does not tell what the file is. */
  title?: string
  fileName: string
  fetch: () => Promise<Blob>
}

/** A button that fetches a file with the credential, and lets the browser save the file. */
export function Download ({ label, title, fileName, fetch }: DownloadProps) {
  const { isBusy, error, run } = useWork()
  return (
    <>
      <button
        type='button' class='slim' aria-disabled={isBusy} aria-label={title}
        onClick={() => { void run(async () => { save(await fetch(), fileName) }) }}
      >
        {isBusy ? 'Fetching…' : label}
      </button>
      <Problem error={error} what='The download did not work' />
    </>
  )
}

function save (blob: Blob, fileName: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = fileName
  link.click()
  // After 60 s the memory of the file is given back: the browser has begun to save the file by then.
  setTimeout(() => { URL.revokeObjectURL(link.href) }, 60_000)
}
