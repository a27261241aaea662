import type { Schemas } from '@connect-usage-bff/client'
import { bytes } from '../format.ts'
import { Download } from '../parts/download.tsx'
import { Field } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { TableInput } from '../parts/table-input.tsx'
import { Table, type Column } from '../parts/table.tsx'
import { useLoad } from '../parts/use-load.ts'
import { useSession } from '../session.tsx'
import type { Reading } from './check.ts'

const EXAMPLE = 'record_id;item_search_value;quantity;start_time_utc;end_time_utc;asset_search_value;amount\n' +
  'R1;FB-SEATS;5;2026-10-01 00:00:00;2026-10-01 23:59:59;AS-5501-1000-0001;10.50'

const DECIMALS = { point: 'Point: 1.50', comma: 'Comma: 1,50' }
const ITEM_CRITERIA = {
  'item.mpn': 'MPN', 'item.global_id': 'Global id', 'item.local_id': 'Local id', '': 'That is an error'
}
const ASSET_CRITERIA = { 'asset.id': 'Id (AS-…)', '': 'That is an error' }

interface RowsFormProps {
  product: { id: string, schema: Schemas['UsageSchema'] } | null
  table: File | null
  reading: Reading
  onTable: (table: File) => void
  onReading: (reading: Reading) => void
}

/** The second step of a report: a person chooses or pastes the rows, and says how CSV, NDJSON or JSON is read. */
export function RowsForm ({ product, table, reading, onTable, onReading }: RowsFormProps) {
  const change = (changes: Partial<Reading>): void => { onReading({ ...reading, ...changes }) }
  return (
    <>
      <TableInput hint='CSV, XLSX, NDJSON or JSON' example={EXAMPLE} onTable={onTable} />
      <details>
        <summary>How the rows are read</summary>
        <div class='fields'>
          <Choice
            label='Decimal sign of a CSV' value={reading.decimal} options={DECIMALS}
            onChoose={decimal => { change({ decimal: decimal as Reading['decimal'] }) }}
          />
          <Choice
            label='Rows without item_search_criteria name items by' value={reading.itemBy}
            options={ITEM_CRITERIA} onChoose={itemBy => { change({ itemBy }) }}
          />
          <Choice
            label='Rows without asset_search_criteria name subscriptions by' value={reading.assetBy}
            options={ASSET_CRITERIA} onChoose={assetBy => { change({ assetBy }) }}
          />
        </div>
      </details>
      {product !== null && <Columns {...product} />}
      {table !== null && <p>Rows from <b>{table.name}</b> <span class='muted'>{bytes(table.size)}</span></p>}
    </>
  )
}

interface ChoiceProps {
  label: string
  value: string
  options: Readonly<Record<string, string>>
  onChoose: (value: string) => void
}

function Choice ({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <Field label={label}>
      <select value={value} onChange={event => { onChoose(event.currentTarget.value) }}>
        {Object.entries(options).map(([name, text]) => <option key={name} value={name}>{text}</option>)}
      </select>
    </Field>
  )
}

const COLUMNS: ReadonlyArray<Column<Schemas['UsageColumn']>> = [
  { title: 'Column', cell: ({ name }) => <span class='id'>{name}</span> },
  { title: 'Needed', cell: ({ required }) => required ? 'Yes' : 'No' },
  { title: 'Type', cell: ({ type, values }) => values === null ? type : values.join(', ') },
  { title: 'Meaning', cell: ({ description }) => description }
]

/** Shows the columns that rows of the product can have, and a button that downloads its empty workbook. */
function Columns ({ id, schema }: { id: string, schema: Schemas['UsageSchema'] }) {
  const { client } = useSession()
  const { data, error, reload } = useLoad(async signal => (await client.GET('/v1/products/{productId}/usage-columns', {
    params: { path: { productId: id }, query: { schema } }, signal
  })).data.columns, `${id} ${schema}`)
  return (
    <details>
      <summary>Columns of this product</summary>
      <p>
        <Download
          label='Empty workbook (XLSX)' fileName={`${id}-template.xlsx`}
          fetch={async () => (await client.GET('/v1/products/{productId}/usage-template', {
            params: { path: { productId: id } }, parseAs: 'blob'
          })).data}
        />
      </p>
      <Problem error={error} what='The columns cannot be shown' onRetry={reload} />
      {data !== undefined && <Table caption='Columns' columns={COLUMNS} rows={data} keyOf={({ name }) => name} />}
    </details>
  )
}
