import type { Billing } from '@connect-usage-bff/client'
import { given, type TextInput, type Texts } from '../parts/text-fields.tsx'

export const BILLING_INPUTS: readonly TextInput[] = [
  {
    name: 'externalBillingId', label: 'Billing id', hint: 'The number of the invoice in your system.', isRequired: true
  },
  { name: 'externalBillingNote', label: 'Note', hint: 'Optional.' }
]

export function toBilling (values: Texts): Billing {
  return { externalBillingId: '', ...given(values) }
}
