import type { Schemas, UsageFile } from '@connect-usage-bff/client'
import { useState } from 'preact/hooks'
import { count, decimal, money, plural, words } from '../format.ts'
import { Problem } from '../parts/problem.tsx'
import { Named, Table, type Column } from '../parts/table.tsx'
import { useLoad } from '../parts/use-load.ts'
import { Wait } from '../parts/wait.tsx'
import { useSession } from '../session.tsx'

/** For a larger file a person asks for the totals, because the service reads every record for them. */
const MAX_RECORDS = 10_000

type Sums = Schemas['UsageFileTotals']

export function Totals ({ file: { id, records } }: { file: UsageFile }) {
  const number = records === null ? 0 : records.valid + records.invalid
  const [isWanted, setIsWanted] = useState(number <= MAX_RECORDS)
  if (isWanted) return <Sums fileId={id} round={JSON.stringify(records)} />
  return (
    <p>
      <button type='button' onClick={() => { setIsWanted(true) }}>Add up {plural(number, 'record')}</button>
    </p>
  )
}

function Sums ({ fileId, round }: { fileId: string, round: string }) {
  const { client } = useSession()
  const { data, error, isLoading, reload } = useLoad(async signal => (await client.GET(
    '/v1/usage-files/{fileId}/totals', { params: { path: { fileId } }, signal }
  )).data, `${fileId} ${round}`)
  if (data === undefined) {
    return isLoading
      ? <Wait text='Adding up the records' />
      : <Problem error={error} what='The records cannot be added up' onRetry={reload} />
  }
  return (
    <>
      <dl class='figures'>
        <div><dt>Records</dt><dd>{count(data.records)}</dd></div>
        {data.byStatus.map(({ status, records, amount }) => (
          <div key={status}>
            <dt>{words(status ?? 'unknown')}{amount === null && ', records'}</dt>
            <dd>{amount === null ? count(records) : money(amount, data.currency)}</dd>
          </div>
        ))}
      </dl>
      {data.byItem.length > 0 &&
        <Table
          caption='Totals by item' columns={columnsOf(data.currency)} rows={data.byItem}
          keyOf={({ item }) => `${item.id ?? ''} ${item.mpn ?? ''} ${item.name ?? ''}`}
        />}
    </>
  )
}

function columnsOf (currency: string | null): ReadonlyArray<Column<Sums['byItem'][number]>> {
  return [
    {
      title: 'Item',
      cell: ({ item }) => <Named name={item.name ?? item.mpn ?? item.id ?? 'Unknown'} id={item.mpn} />
    },
    { title: 'Records', isNumber: true, cell: ({ records }) => count(records) },
    { title: 'Quantity', isNumber: true, cell: ({ quantity, item }) => `${decimal(quantity)} ${item.unit ?? ''}` },
    { title: 'Amount', isNumber: true, cell: ({ amount }) => money(amount, currency) }
  ]
}
