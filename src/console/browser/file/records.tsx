import type { Schemas, UsageFile, UsageRecord } from '@connect-usage-bff/client'
import { useEffect, useState } from 'preact/hooks'
import { count, day, decimal, money, words } from '../format.ts'
import { Chip } from '../parts/chip.tsx'
import { Download } from '../parts/download.tsx'
import { Field } from '../parts/field.tsx'
import { Pager } from '../parts/pager.tsx'
import { Problem } from '../parts/problem.tsx'
import { Named, Table, type Column } from '../parts/table.tsx'
import { useLoad } from '../parts/use-load.ts'
import { Wait } from '../parts/wait.tsx'
import { goTo, hrefOf, type Query } from '../route.ts'
import { useSession } from '../session.tsx'
import { OneActions } from './one-action.tsx'
import { hasRecordActions, recordActions } from './record-actions.ts'

const LIMIT = 50
const STATUSES: ReadonlyArray<Schemas['UsageRecordStatus']> = ['valid', 'invalid', 'approved', 'rejected', 'closed']

const COLUMNS: ReadonlyArray<Column<UsageRecord>> = [
  { title: 'Record', cell: ({ id }) => <span class='id small'>{id}</span> },
  {
    title: 'Status',
    sort: 'status',
    cell: ({ status, errors }) => (
      <>
        <Chip status={status} />
        {errors.map(({ code, message }) =>
          <span key={`${code ?? ''} ${message ?? ''}`} class='fault'>{message ?? 'Refused'} {code}</span>)}
      </>
    )
  },
  { title: 'Item', cell: ({ item }) => <Named name={item.name ?? '–'} id={item.mpn ?? item.id} /> },
  { title: 'Subscription', cell: ({ asset }) => <span class='id small'>{asset.id ?? asset.externalId ?? '–'}</span> },
  {
    title: 'Used',
    sort: 'startDate',
    cell: ({ startDate, endDate }) => <span class='nowrap'>{day(startDate)} to<br />{day(endDate)}</span>
  },
  { title: 'Quantity', isNumber: true, cell: ({ quantity, item }) => `${decimal(quantity)} ${item.unit ?? ''}` },
  { title: 'Amount', isNumber: true, cell: ({ amount, currency }) => money(amount, currency) },
  { title: 'Billing id', cell: ({ externalBillingId }) => externalBillingId ?? '–' }
]

interface RecordsProps {
  file: UsageFile
  query: Query
  round: string
  /** Is called after an action on a record, which may have changed the file, too. */
  onChange: () => void
}

/** Reads only one page from the service at a time, so that a large file is usable, too. */
export function Records ({ file, query, round, onChange }: RecordsProps) {
  const session = useSession()
  const { client } = session
  const fileId = file.id
  const filters = filtersOf(fileId, query)
  const offset = Number(query['offset'] ?? 0)
  const { data, error, isLoading, reload } = useLoad(async signal => (await client.GET('/v1/usage-records', {
    params: { query: { ...filters, limit: LIMIT, offset } }, signal
  })).data, JSON.stringify([filters, offset, round]))
  const change = (changes: Query): void => {
    goTo(hrefOf(['files', fileId, 'records'], { ...query, offset: '', ...changes }))
  }
  const onDone = (): void => {
    reload()
    onChange()
  }
  const actions: Column<UsageRecord> = {
    title: 'Actions',
    isActions: true,
    cell: record => <OneActions id={record.id} actions={recordActions(record, file, session)} onDone={onDone} />
  }
  const columns = hasRecordActions(file, session) ? [...COLUMNS, actions] : COLUMNS
  return (
    <section class='card'>
      <div class='head'>
        <h2>Records{data !== undefined && <span class='muted'> {count(data.total)}</span>}</h2>
        <div class='buttons'>
          <Download
            label='Export (CSV)' title='Export (CSV) of all records that match' fileName={`${fileId}-records.csv`}
            fetch={async () => (await client.GET('/v1/usage-records', {
              params: { query: { ...filters, format: 'csv', bom: 'true' } }, parseAs: 'blob'
            })).data}
          />
        </div>
      </div>
      <RecordFilters query={query} onChange={change} />
      <Problem error={error} what='The records cannot be shown' onRetry={reload} />
      {data === undefined && isLoading && <Wait text='Reading the records' />}
      {data !== undefined &&
        <>
          {/* The pager is above the table, so that a person with a keyboard need not pass the buttons in the rows. */}
          <Pager {...data} onMove={offset => { change({ offset: String(offset) }) }} />
          <Table
            caption='Records' columns={columns} rows={data.items} keyOf={({ id }) => id} isBusy={isLoading}
            empty='No record matches.' sort={filters.sort[0]} onSort={sort => { change({ sort }) }}
          />
        </>}
    </section>
  )
}

/** The address may have a status or an order that does not exist. The service then refuses the request. */
function filtersOf (fileId: string, { status, asset, sort = 'createdAt' }: Query) {
  return {
    fileId: [fileId],
    ...(status !== undefined && { status: [status as Schemas['UsageRecordStatus']] }),
    ...(asset !== undefined && { assetId: [asset] }),
    sort: [sort as 'createdAt'] as ['createdAt']
  }
}

/** Enter applies the id of the subscription. A status applies at once. */
function RecordFilters ({ query, onChange }: { query: Query, onChange: (changes: Query) => void }) {
  const [asset, setAsset] = useState(query['asset'] ?? '')
  useEffect(() => { setAsset(query['asset'] ?? '') }, [query['asset']])
  const submit = (event: Event): void => {
    event.preventDefault()
    onChange({ asset: asset.trim() })
  }
  return (
    <form class='fields' role='search' aria-label='Records' onSubmit={submit}>
      <Field label='Status'>
        <select value={query['status'] ?? ''} onChange={event => { onChange({ status: event.currentTarget.value }) }}>
          <option value=''>All</option>
          {STATUSES.map(one => <option key={one} value={one}>{words(one)}</option>)}
        </select>
      </Field>
      <Field label='Subscription' hint='A whole id (AS-…), then Enter'>
        <input type='search' value={asset} onInput={event => { setAsset(event.currentTarget.value) }} />
      </Field>
    </form>
  )
}
