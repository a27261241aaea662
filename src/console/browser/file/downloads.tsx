import type { UsageFile } from '@connect-usage-bff/client'
import { Download } from '../parts/download.tsx'
import { useSession } from '../session.tsx'

export const FORMS = ['xlsx', 'csv', 'ndjson', 'json'] as const
export type Form = typeof FORMS[number]

interface FormsProps {
  /** The name of the workbook, for example `Uploaded workbook`. */
  title: string
  /** The name of the file without its ending. */
  fileName: string
  fetch: (format: Form) => Promise<Blob>
}

/** Buttons that download a workbook in four forms: the workbook itself, and its rows as CSV, NDJSON and JSON. */
export function DownloadForms ({ title, fileName, fetch }: FormsProps) {
  return (
    <div>
      <p class='small'><b>{title}</b></p>
      <div class='buttons' role='group' aria-label={title}>
        {FORMS.map(form => (
          <Download
            key={form} label={form.toUpperCase()} title={`${title} as ${form.toUpperCase()}`}
            fileName={`${fileName}.${form}`} fetch={async () => await fetch(form)}
          />
        ))}
      </div>
    </div>
  )
}

const WORKBOOKS = {
  uploaded: { title: 'Uploaded workbook', path: '/v1/usage-files/{fileId}/files/uploaded' },
  processed: { title: 'Processed workbook', path: '/v1/usage-files/{fileId}/files/processed' },
  reconciliation: { title: 'Reconciliation workbook', path: '/v1/usage-files/{fileId}/files/reconciliation' }
} as const

export function DownloadsOfFile ({ file: { id, files } }: { file: UsageFile }) {
  const { client } = useSession()
  const there = (['uploaded', 'processed', 'reconciliation'] as const).filter(name => files?.[name] != null)
  if (there.length === 0) return <p class='muted'>There is no workbook yet.</p>
  return (
    <>
      {there.map(name => (
        <DownloadForms
          key={name} title={WORKBOOKS[name].title} fileName={`${id}-${name}`}
          fetch={async format => (await client.GET(WORKBOOKS[name].path, {
            params: { path: { fileId: id }, query: { format } }, parseAs: 'blob'
          })).data}
        />
      ))}
    </>
  )
}
