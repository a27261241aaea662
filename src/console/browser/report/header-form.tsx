import type { Schemas } from '@connect-usage-bff/client'
import { Field } from '../parts/field.tsx'
import { Note, Problem } from '../parts/problem.tsx'
import { allOf, useLoad } from '../parts/use-load.ts'
import { useProducts } from '../parts/use-products.ts'
import { Wait } from '../parts/wait.tsx'
import { useSession } from '../session.tsx'
import type { Header } from './header.ts'

interface HeaderFormProps {
  header: Header
  onChange: (changes: Partial<Header>) => void
}

type Contract = Schemas['UsageContract']

export function HeaderForm ({ header, onChange }: HeaderFormProps) {
  const { client } = useSession()
  const contracts = useLoad(async signal => await allOf(client.list('/v1/usage-contracts', {
    params: { query: { limit: 1000 } }, signal
  })), 'contracts')
  const products = useProducts()
  const schemaOf = (productId: string) => products.data?.find(({ id }) => id === productId)?.usage?.schema ?? ''
  const known = schemaOf(header.productId)
  const choose = (productId: string, contractId: string): void => {
    onChange({ productId, contractId, schema: schemaOf(productId) })
  }
  if (contracts.data === undefined || (products.data === undefined && products.isLoading)) {
    return contracts.error === undefined
      ? <Wait text='Reading products and contracts' />
      : <Problem error={contracts.error} what='The contracts cannot be shown' onRetry={contracts.reload} />
  }
  return (
    <>
      <div class='fields'>
        <Pickers contracts={contracts.data} header={header} onChoose={choose} />
        {header.productId !== '' && known === '' && <SchemaField header={header} onChange={onChange} />}
        <TextField name='name' label='Name of the report' header={header} onChange={onChange} isRequired />
        <TextField name='from' label='Period from' type='date' header={header} onChange={onChange} isRequired />
        <TextField
          name='to' label='Period to' type='date' hint='That day is included.' isRequired header={header}
          onChange={onChange}
        />
        <TextField
          name='currency' label='Currency' hint='Empty: that of the marketplace.' header={header} onChange={onChange}
        />
        <TextField
          name='externalId' label='External id' hint='The id in your system.' header={header} onChange={onChange}
        />
        <TextField name='note' label='Note' header={header} onChange={onChange} />
      </div>
      {products.error !== undefined &&
        <Note tone='warn'>The catalogue cannot be read, so the schema of the product has to be chosen.</Note>}
    </>
  )
}

interface PickersProps {
  contracts: readonly Contract[]
  header: Header
  onChoose: (productId: string, contractId: string) => void
}

function Pickers ({ contracts, header: { productId, contractId }, onChoose }: PickersProps) {
  const products = new Map(contracts.map(({ product }) => [product?.id ?? '', product?.name ?? product?.id ?? '']))
  const fitting = contracts.filter(({ product }) => product?.id === productId)
  const chooseProduct = (id: string): void => {
    const only = contracts.filter(({ product }) => product?.id === id)
    onChoose(id, only.length === 1 ? only[0]?.contract?.id ?? '' : '')
  }
  return (
    <>
      <Field label='Product'>
        <select required value={productId} onChange={event => { chooseProduct(event.currentTarget.value) }}>
          <option value=''>Choose a product</option>
          {[...products].map(([id, name]) => <option key={id} value={id}>{name} ({id})</option>)}
        </select>
      </Field>
      <Field label='Contract'>
        <select
          required value={contractId} disabled={productId === ''}
          onChange={event => { onChoose(productId, event.currentTarget.value) }}
        >
          <option value=''>Choose a contract</option>
          {fitting.map(({ contract, marketplace, provider }) => (
            <option key={contract?.id} value={contract?.id ?? ''}>
              {[provider?.name, marketplace?.name, contract?.id].filter(text => text != null).join(', ')}
            </option>
          ))}
        </select>
      </Field>
    </>
  )
}

function SchemaField ({ header, onChange }: HeaderFormProps) {
  return (
    <Field label='Schema of the product' hint='Who prices what; Connect shows it with the product.'>
      <select
        required value={header.schema}
        onChange={event => { onChange({ schema: event.currentTarget.value as Header['schema'] }) }}
      >
        <option value=''>Choose a schema</option>
        {['qt', 'pr', 'cr', 'tr'].map(schema => <option key={schema} value={schema}>{schema}</option>)}
      </select>
    </Field>
  )
}

/** The most characters that the service accepts in these fields of the header. In other text fields it accepts 200. */
const MAX_CHARS: Readonly<Partial<Record<keyof Header, number>>> = { name: 100, currency: 20 }

interface TextFieldProps extends HeaderFormProps {
  name: keyof Header
  label: string
  type?: string
  hint?: string
  isRequired?: boolean
}

function TextField ({ name, label, type = 'text', hint, isRequired = false, header, onChange }: TextFieldProps) {
  return (
    <Field label={label} hint={hint}>
      <input
        type={type} required={isRequired} value={header[name]} maxLength={MAX_CHARS[name] ?? 200}
        onInput={event => { onChange({ [name]: event.currentTarget.value }) }}
      />
    </Field>
  )
}
