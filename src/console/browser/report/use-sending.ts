import type { UsageClient } from '@connect-usage-bff/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { goTo, hrefOf } from '../route.ts'
import { useSession } from '../session.tsx'
import { readTab, removeTab, writeTab } from '../tab-storage.ts'
import { isRefusal, sendOnce, useWork } from '../writes.ts'
import type { readingQuery } from './check.ts'
import { toCreate, type Header } from './header.ts'
import { forgetTable, keepTable, keptTable } from './kept-table.ts'

/** A report that is being sent. The tab stores it until the report is sent, refused or forgotten. */
export interface Sending {
  id: string
  header: Header
  /** The id of the usage file; null until the file is created. */
  fileId: string | null
  query: ReturnType<typeof readingQuery>
  table: { name: string, size: number, lastModified: number }
  /** Set after a failure, which the page has shown: then a person decides whether the sending goes on. */
  hasFailed?: true
}

const NAME = 'sending'

function isStored ({ id }: Sending): boolean {
  return readTab<Sending>(NAME)?.id === id
}

function store (sending: Sending, page: string | null): void {
  writeTab(NAME, { ...sending, page })
}

function unstore (sending: Sending): void {
  if (!isStored(sending)) return
  removeTab(NAME)
  forgetTable()
}

/** `pageFileId` is the usage file of the page; null on the page of a new report. */
function interruptedSending (pageFileId: string | null): Sending | null {
  const sending = readTab<Sending & { page: string | null }>(NAME)
  return sending !== null && sending.page === pageFileId ? sending : null
}

/**
 * Gives `start`, which creates the usage file, if it is new, uploads the rows, and then goes to the page of the file. A
 * sending that a reload interrupted goes on by itself if the tab has stored its table. Its writes keep their
 * Idempotency-Keys after a failure or a reload, so that they are not done twice.
 */
export function useSending (pageFileId: string | null) {
  const { client } = useSession()
  const work = useWork()
  const [sent, setSent] = useState(0)
  const [interrupted, setInterrupted] = useState(() => interruptedSending(pageFileId))
  const [fileId, setFileId] = useState(interrupted?.fileId ?? pageFileId)
  const isGone = useRef(false)
  useEffect(() => () => { isGone.current = true }, [])
  const show = (sending: Sending): void => {
    setInterrupted(sending)
    setFileId(sending.fileId)
  }
  const forget = (sending: Sending): void => {
    unstore(sending)
    setInterrupted(null)
  }
  const send = async (sending: Sending, table: File): Promise<void> => {
    setSent(0)
    if (interrupted === null) await keepTable(table, sending.id)
    store(sending, pageFileId)
    show(sending)
    let now = sending
    try {
      const fileId = sending.fileId ?? await createFile(client, sending.header)
      now = { ...sending, fileId }
      // Meanwhile the tab may store a later sending, of another page for example. It stays.
      if (isStored(now)) store(now, pageFileId)
      show(now)
      await uploadTable(client, { ...sending, fileId }, table, setSent)
      forget(now)
      if (!isGone.current) goTo(hrefOf(['files', fileId]))
    } catch (error) {
      // A report that the service refuses for good is forgotten, so that a person can change it.
      if (isRefusal(error)) forget(now)
      else if (isStored(now)) store({ ...now, hasFailed: true }, pageFileId)
      throw error
    }
  }
  const start = (sending: Sending, table: File): void => { void work.run(async () => { await send(sending, table) }) }
  useEffect(() => {
    if (interrupted === null || interrupted.hasFailed === true) return
    const table = keptTable(interrupted.id)
    if (table !== null) start(interrupted, table)
  }, [])
  /**
   * `interrupted` is the report whose sending runs or was interrupted. `fileId` is the usage file that gets the rows;
   * null until it is created. After a refused upload `fileId` stays as it is, until `beginAnew` is called.
   */
  return { work, sent, interrupted, fileId, start, forget, beginAnew: () => { setFileId(pageFileId) } }
}

async function createFile (client: UsageClient, header: Header): Promise<string> {
  const body = toCreate(header)
  const { data } = await sendOnce('create report', body, async idempotencyKey =>
    await client.POST('/v1/usage-files', { body, idempotencyKey }))
  return data.id
}

async function uploadTable (
  client: UsageClient, { fileId, table: name, query }: Sending & { fileId: string }, table: File,
  onSent: (bytes: number) => void
): Promise<void> {
  await sendOnce(`upload ${fileId}`, [name, query], async idempotencyKey =>
    await client.upload('/v1/usage-files/{fileId}/upload', table, {
      params: { path: { fileId }, query }, idempotencyKey, onProgress: ({ sentBytes }) => { onSent(sentBytes) }
    }))
}

export function nameOfTable ({ name, size, lastModified }: File): Sending['table'] {
  return { name, size, lastModified }
}
