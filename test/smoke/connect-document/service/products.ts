import { asProvider, asVendor } from '../../../helper.ts'
import { FALLBALL, sample } from '../samples.ts'
import type { ServiceCaller } from './caller.ts'

/** The path of the usage rules of the product. */
export const RULES = `/products/${FALLBALL.productId}/usage-rules`

/** Checks rows for a file and for a product, and makes a workbook of them. */
export async function driveChecks ({ call }: ServiceCaller): Promise<void> {
  const rows = { rows: [{ record_id: 'one', quantity: '1' }] }
  const mine = (await call(asVendor, 'GET /usage-files?limit=1', 200)).json as { items?: { id: string }[] }
  await call(asVendor, `POST /usage-files/${mine.items?.[0]?.id ?? ''}/check`, 200, rows)
  await call(asVendor, `POST /products/${FALLBALL.productId}/usage-check?schema=cr`, 200, rows)
  const conversion = `POST /products/${FALLBALL.productId}/usage-workbook?schema=cr&check=report&format=json`
  await call(asVendor, conversion, 200, rows)
}

/** Publishes a report from nothing to submitted, and sends the same once more. */
export async function drivePublishing ({ call }: ServiceCaller): Promise<void> {
  const report = { name: 'conformance-3', ...FALLBALL, period: { from: '2026-10-01', to: '2026-10-31' } }
  for (let times = 0; times < 2; times += 1) {
    const form = new FormData()
    form.set('report', JSON.stringify(report))
    form.set('file', new Blob([await sample('usage')]), 'usage.xlsx')
    await call(asVendor, 'PUT /usage-reports/conformance-3?submit=true', 200, form)
  }
}

/** Calls the operations of a product: its columns, its template and its rules. */
export async function driveProducts ({ call }: ServiceCaller): Promise<void> {
  await call(asVendor, `GET /products/${FALLBALL.productId}/usage-columns?schema=cr`, 200)
  await call(asVendor, `GET /products/${FALLBALL.productId}/usage-template`, 200)
  const rule = { itemId: 'PRD-276-377-545-0001', action: 'manual', rule: 'ge(amount,10)' }
  const first = String((await call(asProvider, `POST ${RULES}`, 201, { ...rule, status: 'active' })).json['id'])
  const second = String((await call(asProvider, `POST ${RULES}`, 201, rule)).json['id'])
  await call(asProvider, `GET ${RULES}/${first}`, 200)
  await call(asProvider, `PATCH ${RULES}/${first}`, 200, { action: 'accept', afterRuleId: second })
  await call(asProvider, `PATCH ${RULES}/${first}`, 200, { rule: 'lt(amount,1)', status: 'deleted' })
  await call(asProvider, `DELETE ${RULES}/${second}`, 204)
  await call(asVendor, `GET ${RULES}/UIR-000-000-000`, 404)
  await call(asVendor, `POST ${RULES}`, 403, rule)
}
