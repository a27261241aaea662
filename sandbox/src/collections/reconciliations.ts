import { searchable, sortable, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import type { Reconciliation } from '../state/types.ts'

export const reconciliationCollection: Collection<Reconciliation> = {
  fields: {
    'binding.hub.id': text((one) => one.chunk?.hub.id, searchable),
    'partusagefile.id': text((one) => one.chunk?.id, sortable),
    'partusagefile.provider.id': text((one) => one.chunk?.file.contract.provider.id, searchable),
    'usagefile.id': text((one) => one.file?.id, sortable)
  }
}
