import type { Schemas, UsageFile } from '@connect-usage-bff/client'
import { Filters, Statuses } from '../files/filters.tsx'
import { count, moment, period, plural } from '../format.ts'
import { Chip } from '../parts/chip.tsx'
import { Download } from '../parts/download.tsx'
import { Pager } from '../parts/pager.tsx'
import { Note, Problem } from '../parts/problem.tsx'
import { Table, type Column } from '../parts/table.tsx'
import { useEvents } from '../parts/use-events.ts'
import { useLoad } from '../parts/use-load.ts'
import { Wait } from '../parts/wait.tsx'
import { goTo, hrefOf, type Query } from '../route.ts'
import { useSession } from '../session.tsx'

const LIMIT = 25

const COLUMNS: ReadonlyArray<Column<UsageFile>> = [
  {
    title: 'Name',
    sort: 'name',
    cell: ({ id, name }) => (
      <>
        <a href={hrefOf(['files', id])}><b>{name ?? 'Without a name'}</b></a><br />
        <span class='id small muted'>{id}</span>
      </>
    )
  },
  { title: 'Status', sort: 'status', cell: ({ status }) => <Chip status={status} /> },
  { title: 'Product', sort: 'productName', cell: ({ product }) => product?.name ?? '–' },
  { title: 'Contract', cell: ({ contract }) => <span class='id'>{contract?.id ?? '–'}</span> },
  { title: 'Period', cell: file => <span class='nowrap'>{period(file.period)}</span> },
  { title: 'Records', isNumber: true, cell: ({ stats }) => count(stats.uploaded) },
  {
    title: 'Created (UTC)',
    sort: 'createdAt',
    cell: ({ createdAt }) => <span class='nowrap'>{moment(createdAt)}</span>
  }
]

/** Shows the files that match the filters, and the number for each status. `useEvents` tells when to read again. */
export function FilesPage ({ query }: { query: Query }) {
  const { client, may } = useSession()
  const filters = filtersOf(query)
  // A person may write an order into the address that does not exist. The service then refuses the request.
  const sort = (query['sort'] ?? '-createdAt') as '-createdAt'
  const offset = Number(query['offset'] ?? 0)
  const files = useLoad(async signal => (await client.GET('/v1/usage-files', {
    params: { query: { ...filters, ...statusOf(query), sort: [sort], limit: LIMIT, offset } }, signal
  })).data, JSON.stringify([filters, query['status'], sort, offset]))
  const summary = useLoad(async signal => (await client.GET('/v1/usage-files/summary', {
    params: { query: filters }, signal
  })).data, JSON.stringify(filters))
  const { isStale } = useEvents({
    target: {},
    shown: files.data?.items ?? [],
    onChange: () => {
      files.reload()
      summary.reload()
    }
  })
  const change = (changes: Query): void => { goTo(hrefOf(['files'], { ...query, offset: '', ...changes })) }
  return (
    <>
      <div class='head'>
        <h1 tabIndex={-1}>Usage files</h1>
        <div class='buttons'>
          <ExportButton query={{ ...filters, ...statusOf(query), sort: [sort] }} />
          {may('usage:write') && <a class='button primary' href={hrefOf(['report'])}>Report usage</a>}
        </div>
      </div>
      <Filters query={query} onChange={change} />
      <Statuses
        summary={summary.data} chosen={chosenStatuses(query)}
        onChange={chosen => { change({ status: chosen.join(',') }) }}
      />
      {isStale && <Note tone='warn'>Connect cannot be asked at the moment. What you see may be older.</Note>}
      <Problem error={summary.error} what='The files of each status cannot be counted' onRetry={summary.reload} />
      <Problem error={files.error} what='The files cannot be shown' onRetry={files.reload} />
      {files.data === undefined && files.isLoading && <Wait text='Reading the files' />}
      {files.data !== undefined && <Found page={files.data} isBusy={files.isLoading} sort={sort} onChange={change} />}
    </>
  )
}

interface FoundProps {
  page: Schemas['UsageFilePage']
  isBusy: boolean
  sort: string
  onChange: (changes: Query) => void
}

function Found ({ page, isBusy, sort, onChange }: FoundProps) {
  return (
    <>
      <p class='visually-hidden' role='status'>{plural(page.total, 'file')} found</p>
      <Table
        caption='Usage files' columns={COLUMNS} rows={page.items} keyOf={({ id }) => id} isBusy={isBusy}
        empty='No usage file matches.' sort={sort} onSort={sort => { onChange({ sort }) }}
      />
      <Pager {...page} onMove={offset => { onChange({ offset: String(offset) }) }} />
    </>
  )
}

function chosenStatuses (query: Query): readonly string[] {
  return (query['status'] ?? '').split(',').filter(status => status !== '')
}

/** The filter for statuses; none without a status in the address. The service refuses a status that does not exist. */
function statusOf (query: Query): { status?: Array<NonNullable<UsageFile['status']>> } {
  const chosen = chosenStatuses(query)
  return chosen.length === 0 ? {} : { status: chosen as Array<NonNullable<UsageFile['status']>> }
}

interface Filters {
  id?: string[]
  name?: string
  productId?: string[]
  createdAfter?: string
  createdBefore?: string
}

function filtersOf ({ search = '', product, from, to }: Query): Filters {
  return {
    ...(/^UF-[\d-]+$/.test(search) ? { id: [search] } : search !== '' && { name: search }),
    ...(product !== undefined && { productId: [product] }),
    ...(from !== undefined && { createdAfter: from }),
    ...(to !== undefined && { createdBefore: to })
  }
}

function ExportButton ({ query }: { query: Filters & { sort: ['-createdAt'] } }) {
  const { client } = useSession()
  const fetch = async (): Promise<Blob> => (await client.GET('/v1/usage-files', {
    params: { query: { ...query, format: 'csv', bom: 'true' } }, parseAs: 'blob'
  })).data
  return (
    <Download
      label='Export (CSV)' title='Export (CSV) of all files that match' fileName='usage-files.csv' fetch={fetch}
    />
  )
}
