import type { UsageFile } from '@connect-usage-bff/client'
import { Problem } from '../parts/problem.tsx'
import { useSession } from '../session.tsx'
import { useWork } from '../writes.ts'
import { uploadedLines, type Lines } from './rows.ts'

/** A button that reads the uploaded rows of the file, so that a person can correct some of them. */
export function UploadedRows ({ file, onLines }: { file: UsageFile, onLines: (lines: Lines) => void }) {
  const { client } = useSession()
  const { isBusy, error, run } = useWork()
  const take = async (): Promise<void> => { onLines(await uploadedLines(client, file.id)) }
  return (
    <>
      <div class='buttons'>
        <button type='button' aria-disabled={isBusy} onClick={() => { void run(take) }}>
          {isBusy ? 'Reading the rows…' : 'Take the rows of the file and correct them here'}
        </button>
      </div>
      <Problem error={error} what='The rows cannot be read' />
    </>
  )
}
