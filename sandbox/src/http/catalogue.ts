import type { FastifyInstance } from 'fastify'
import {
  assetCollection, contractCollection, itemCollection, listingCollection, productCollection
} from '../collections/catalogue.ts'
import type { Sandbox } from '../sandbox.ts'
import { findProduct, seesContract, seesProduct } from '../state/access.ts'
import { itemsOf } from '../state/store.ts'
import { findSubscription, subscriptionsOf } from '../state/subscriptions.ts'
import {
  assetDetailView, catalogueItemView, contractView, listingView, productView
} from '../views/catalogue.ts'
import { sendPage } from './collection-route.ts'
import { actorOf, paramOf } from './request-context.ts'

/** These operations are outside Connect's Usage API. A client that works with usage files needs them. */
export function addCatalogueRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  addProductRoutes(app, sandbox)
  addAssetRoutes(app, sandbox)
  addContractRoutes(app, sandbox)
}

function addProductRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/products', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: productCollection,
      rows: () => sandbox.store.products.values(),
      isVisible: (product) => seesProduct(sandbox.store, account, product),
      view: productView(sandbox.store)
    })
  })

  app.get('/products/:product', async (request) =>
    productView(sandbox.store)(findProduct(sandbox.store, actorOf(request).account, paramOf(request, 'product'))))

  app.get('/products/:product/items', async (request, reply) => {
    const product = findProduct(sandbox.store, actorOf(request).account, paramOf(request, 'product'))
    return sendPage(request, reply, {
      collection: itemCollection,
      rows: () => itemsOf(sandbox.store, product),
      isVisible: () => true,
      view: catalogueItemView
    })
  })
}

function addAssetRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/assets', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: assetCollection,
      rows: () => subscriptionsOf(sandbox.store, account),
      isVisible: () => true,
      view: assetDetailView(sandbox.store)
    })
  })

  app.get('/assets/:asset', async (request) => {
    const { account } = actorOf(request)
    return assetDetailView(sandbox.store)(findSubscription(sandbox.store, account, paramOf(request, 'asset')))
  })
}

function addContractRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/listings', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: listingCollection,
      rows: () => sandbox.store.contracts.values(),
      isVisible: (contract) => contract.environment === 'production' && seesContract(account, contract),
      view: listingView
    })
  })

  app.get('/contracts', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: contractCollection,
      rows: () => sandbox.store.contracts.values(),
      isVisible: (contract) => seesContract(account, contract),
      view: contractView
    })
  })
}
