import { Problem } from './problem.tsx'
import { useWork } from '../writes.ts'

interface DownloadProps {
  label: string
  /** The whole name for screen readers, where the label alone does not say what it is. */
  title?: string
  fileName: string
  fetch: () => Promise<Blob>
}

/** A button that fetches a file with the credential and gives it to the browser to keep. */
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
  // The browser has taken the file over by then.
  setTimeout(() => { URL.revokeObjectURL(link.href) }, 60_000)
}
