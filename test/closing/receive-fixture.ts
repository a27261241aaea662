import type { Test } from 'tap'
import { AppError } from '../../src/errors/app-error.ts'
import type { Defaults } from '../../src/closing/receive-records.ts'
import { SpooledRecords, type RecordToClose } from '../../src/closing/spooled-records.ts'
import { pieces, type Split } from '../uploads/wire.ts'
import { idOf, memoryPlace } from './fixture.ts'

export async function * bodyOf (bytes: Buffer, split: Split): AsyncGenerator<Buffer, void, void> {
  for (const piece of pieces(bytes, split)) yield piece
}

type Receive = (body: AsyncIterable<Buffer>, records: SpooledRecords) => Promise<Defaults>

export async function take (
  receive: Receive,
  body: string | Buffer,
  split: Split = 'whole'
): Promise<{ records: RecordToClose[]; defaults: Defaults }> {
  const records = new SpooledRecords(memoryPlace())
  const defaults = await receive(bodyOf(Buffer.from(body as string), split), records)
  const all: RecordToClose[] = []
  for await (const block of records.read()) all.push(...block)
  return { records: all, defaults }
}

export async function refusal (
  t: Test,
  receive: Receive,
  body: string | Buffer,
  split: Split = 'whole'
): Promise<{ code: string; detail: string; errors: string[] }> {
  const error = await take(receive, body, split).then(
    () => null,
    (problem: unknown) => problem
  )
  if (!(error instanceof AppError)) {
    t.fail(`it was taken, or failed otherwise: ${String(error)}`)
    return { code: '', detail: '', errors: [] }
  }
  return {
    code: error.code,
    detail: error.message,
    errors: (error.options.errors ?? []).map(({ path, message }) => `${path} ${message}`)
  }
}

export const ID = idOf(1)

export const line = (n: number, more: object = { externalBillingId: 'INV-1' }): string =>
  JSON.stringify({ id: idOf(n), ...more })

export function many (count: number, make: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => make(n)).join()
}
