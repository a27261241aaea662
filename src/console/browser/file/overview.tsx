import type { UsageFile } from '@connect-usage-bff/client'
import { moment, period, words } from '../format.ts'
import { DownloadsOfFile } from './downloads.tsx'
import { Totals } from './totals.tsx'

const SCHEMAS: Readonly<Record<NonNullable<UsageFile['schema']>, string>> = {
  qt: 'Quantities only (qt)',
  pr: 'Prices for customers (pr)',
  cr: 'Costs of the provider (cr)',
  tr: 'A price for each tier (tr)'
}

export function Overview ({ file }: { file: UsageFile }) {
  const hasRecords = file.records !== null && file.records.valid + file.records.invalid > 0
  return (
    <div class='two'>
      <section class='card'>
        <h2>Header</h2>
        <dl class='pairs'>
          <Pair name='Period' value={period(file.period)} />
          <Pair name='Product' value={nameOf(file.product)} />
          <Pair name='Contract' value={nameOf(file.contract)} />
          <Pair name='Marketplace' value={nameOf(file.marketplace)} />
          <Pair name='Vendor' value={nameOf(file.vendor)} />
          <Pair name='Provider' value={nameOf(file.provider)} />
          <Pair name='Schema' value={file.schema === null ? null : SCHEMAS[file.schema]} />
          <Pair name='Currency' value={file.currency} />
          <Pair name='Environment' value={file.environment === null ? null : words(file.environment)} />
          <Pair name='External id' value={file.externalId} />
          <Pair name='Description' value={file.description} />
          <Pair name='Note' value={file.note} />
          <Pair name='Created' value={`${moment(file.createdAt)} UTC`} />
        </dl>
      </section>
      <div class='two'>
        <section class='card'>
          <h2>Totals</h2>
          {hasRecords ? <Totals file={file} /> : <p class='muted'>The file has no records yet.</p>}
        </section>
        <section class='card'>
          <h2>Downloads</h2>
          <DownloadsOfFile file={file} />
        </section>
      </div>
    </div>
  )
}

function Pair ({ name, value }: { name: string, value: string | null }) {
  if (value === null || value === '') return null
  return <><dt>{name}</dt><dd>{value}</dd></>
}

function nameOf (object: { id: string | null, name: string | null } | null): string | null {
  if (object === null) return null
  return object.name === null ? object.id : `${object.name} (${object.id ?? 'no id'})`
}
