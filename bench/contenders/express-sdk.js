/**
 * Express with a client written as the official JavaScript SDK is (cloudblue/connect-javascript-sdk, v25): a resource
 * with `get` and `search` over an adapter that clones its options, lets hooks rewrite them, and calls node-fetch. It is
 * not the SDK itself: the published one (22) has no usage files. Nothing is authenticated, mapped or logged here.
 */
import express from 'express'
import nodeFetch from 'node-fetch'
import ramda from 'ramda'

const { clone, forEach, mergeDeepRight } = ramda

class HttpAdapter {
  beforeRequest = []
  afterResponse = []

  async fetch (url, options) {
    let request = { url, options: clone(options) ?? {} }
    forEach(hook => { request = hook(request.url, request.options) }, this.beforeRequest)
    let response = await nodeFetch(request.url, clone(request.options))
    forEach(hook => { response = hook(response) }, this.afterResponse)
    return response
  }
}

class ConnectClient {
  constructor (endpoint, apiKey) {
    this.adapter = new HttpAdapter()
    this.adapter.beforeRequest = [
      (url, options) => ({ url: `${endpoint}${url}`, options }),
      (url, options) => ({ url, options: mergeDeepRight(options, { headers: { Authorization: apiKey } }) })
    ]
    this.usageFiles = new Resource(this, '/usage/files')
  }
}

class Resource {
  constructor (client, baseUri) {
    this.client = client
    this.baseUri = baseUri
  }

  async get (id) {
    const response = await this.fetch(`${this.baseUri}/${id}`)
    return response.json()
  }

  async search (filters) {
    const response = await this.fetch(`${this.baseUri}?${new URLSearchParams(filters)}`)
    return response.json()
  }

  async fetch (url, options) {
    const response = await this.client.adapter.fetch(url, options)
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
    return response
  }
}

const { usageFiles } = new ConnectClient(`${process.env.UPSTREAM}/public/v1`, 'ApiKey SU-100-200-300:bench')
const app = express()
app.get('/public/v1/usage/files', async (request, response) => {
  response.json(await usageFiles.search({ limit: request.query.limit }))
})
app.get('/public/v1/usage/files/:id', async (request, response) => {
  response.json(await usageFiles.get(request.params.id))
})
const server = app.listen(0, '127.0.0.1', () => console.log(`listening at http://127.0.0.1:${server.address().port}`))
