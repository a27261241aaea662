import type { Schemas } from '@connect-usage-bff/client'
import { useEffect, useState } from 'preact/hooks'
import { words, count } from '../format.ts'
import { Field } from '../parts/field.tsx'
import { useProducts } from '../parts/use-products.ts'
import type { Query } from '../route.ts'

interface FiltersProps {
  query: Query
  onChange: (changes: Query) => void
}

/** Enter or "Show" applies the text of the search. A choice applies at once. */
export function Filters ({ query, onChange }: FiltersProps) {
  const [search, setSearch] = useState(query['search'] ?? '')
  // Another address may have another search, for example after "back" in the browser.
  useEffect(() => { setSearch(query['search'] ?? '') }, [query['search']])
  const products = useProducts()
  const submit = (event: Event): void => {
    event.preventDefault()
    onChange({ search: search.trim() })
  }
  return (
    <form class='card' role='search' aria-label='Usage files' onSubmit={submit}>
      <div class='fields'>
        <Field label='Search' hint='A part of the name, or a whole id (UF-…)'>
          <input type='search' value={search} onInput={event => { setSearch(event.currentTarget.value) }} />
        </Field>
        <Field label='Product'>
          <select
            value={query['product'] ?? ''} onChange={event => { onChange({ product: event.currentTarget.value }) }}
          >
            <option value=''>All products</option>
            {products.data?.map(({ id, name }) => <option key={id} value={id}>{name ?? id}</option>)}
          </select>
        </Field>
        <Field label='Created from'>
          <input
            type='date' value={query['from'] ?? ''}
            onChange={event => { onChange({ from: event.currentTarget.value }) }}
          />
        </Field>
        <Field label='Created before'>
          <input
            type='date' value={query['to'] ?? ''} onChange={event => { onChange({ to: event.currentTarget.value }) }}
          />
        </Field>
      </div>
      <div class='buttons'>
        <button type='submit' class='primary'>Show</button>
        <button
          type='button' class='plain' onClick={() => {
            setSearch('')
            onChange({ search: '', product: '', from: '', to: '', status: '' })
          }}
        >Clear all
        </button>
      </div>
    </form>
  )
}

interface StatusesProps {
  summary: Schemas['UsageFileSummary'] | undefined
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}

/**
 * A button for each status that is chosen or has files that match the filters, with their number. The list shows the
 * files of all chosen statuses; without a choice, of every status but `deleted`.
 */
export function Statuses ({ summary, chosen, onChange }: StatusesProps) {
  if (summary === undefined) return null
  const shown = Object.entries(summary.byStatus).filter(([status, number]) => number > 0 || chosen.includes(status))
  const toggle = (status: string): void => {
    onChange(chosen.includes(status) ? chosen.filter(one => one !== status) : [...chosen, status])
  }
  return (
    <div class='toggles' role='group' aria-label='Statuses'>
      <button type='button' aria-pressed={chosen.length === 0} onClick={() => { onChange([]) }}>
        All <b>{count(summary.total)}</b>
      </button>
      {shown.map(([status, number]) => (
        <button
          key={status} type='button' aria-pressed={chosen.includes(status)} onClick={() => { toggle(status) }}
        >
          {words(status)} <b>{count(number)}</b>
        </button>
      ))}
    </div>
  )
}
