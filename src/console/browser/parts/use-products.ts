import { useSession } from '../session.tsx'
import { allOf, useLoad } from './use-load.ts'

export function useProducts () {
  const { client } = useSession()
  return useLoad(async signal => await allOf(client.list('/v1/products', {
    params: { query: { limit: 1000 } }, signal
  })), 'products')
}
