import { asProvider, asVendor, type StartedSandbox } from '../../../sandbox/test/helper.ts'

const WEBHOOKS = '/notifications/webhooks'

/**
 * Calls every operation of the sandbox's catalogue and webhooks with success, for both roles and with some of the
 * filters. Throws when one fails.
 */
export async function driveCatalogue (sandbox: StartedSandbox): Promise<void> {
  for (const call of [asVendor(sandbox), asProvider(sandbox)]) {
    const send = async (method: string, path: string, body?: unknown): Promise<string> => {
      const { status, text, json } = await call(method, path, body)
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`)
      return json?.id
    }
    for (const path of [
      '/products?eq(status,"published")&ordering(name)',
      '/products/PRD-276-377-545',
      '/products/PRD-276-377-545/items?in(mpn,("FB-SEATS","none"))',
      '/assets?limit=10&eq(params.id,"account_id")&in(params.value,("fb-1001","none"))',
      '/assets?eq(product.id,"PRD-276-377-545")&eq(status,"active")&ordering(marketplace.id)',
      '/assets/AS-5501-1000-0001',
      '/listings?eq(product.id,"PRD-276-377-545")&ordering(marketplace.name)',
      '/contracts?eq(type,"distribution")&ordering(id)'
    ]) await send('GET', path)
    const webhook = {
      label: 'Usage',
      description: '',
      object_class: 'usage_file',
      type: 'event',
      product_id: 'PRD-276-377-545',
      external_url: 'http://127.0.0.1:1/',
      jwt_secret: 'a secret',
      http_method: 'POST',
      active: true
    }
    const id = await send('POST', WEBHOOKS, webhook)
    await send('GET', `${WEBHOOKS}?eq(product.id,"PRD-276-377-545")&ordering(type)`)
    await send('PUT', `${WEBHOOKS}/${id}`, { ...webhook, label: 'Usage files' })
    await send('POST', `${WEBHOOKS}/${id}/trigger`)
    await send('GET', `${WEBHOOKS}/${id}`)
    await send('DELETE', `${WEBHOOKS}/${id}`)
  }
}
