import type { UsageFile } from '../../schemas/usage-file.ts'
import { REPORT_STEPS, type ReportStep, type StepOutcome } from '../../schemas/report-step.ts'
import type { UsageReport } from '../../schemas/usage-report.ts'
import type { ConnectClient, Download } from '../connect/api.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { checkedAs, workbookPeriod } from '../usage/check-period.ts'
import type { WriteContext } from '../usage/context.ts'
import { lookUpsIn, type LookUps } from '../usage/look-ups.ts'
import { statusOf, toUsageFile } from '../usage/mapping/usage-file.ts'
import { createFile } from '../usage/writes/create-file.ts'
import { readBefore, sendWrite, showAfter } from '../usage/writes/engine.ts'
import { createBody } from '../usage/writes/file-header.ts'
import { SUBMIT, UPLOAD, uploadedAt } from '../usage/writes/file-operations.ts'
import { KINDS } from '../watching/kinds.ts'
import type { Waited } from '../watching/watching.ts'
import { changedMeanwhile, WRITE_STEPS, type ReportClaim, type WriteStep } from './claim.ts'
import { holdsRows, requireFillable, requireNoDoubt, requireUnchanged, unknownStatus } from './compare.ts'
import { findFile, requireSameTarget, schemaOfProduct } from './find-file.ts'
import { isSubmitted, stateOf, type CheckedAs, type ReceivedRows, type Report, type ReportRows } from './report.ts'

export interface Job {
  readonly connect: ConnectClient
  readonly context: WriteContext
  readonly claim: ReportClaim
  readonly report: Report
  readonly rows: ReceivedRows
  /** Waits until Connect has finished its work on the file. `isDone` is false when the wait ended earlier. */
  readonly untilAtRest: (fileId: string) => Promise<Waited<Connect.UsageFile>>
  /** Aborts when the caller leaves, and shortly before the time limit of a stop. Then no further write step begins. */
  readonly signal: AbortSignal
}

type Rules = Omit<CheckedAs, 'lookUps'>

const UNSUBMITTED: readonly UsageReport['state'][] = ['ready', 'invalid', 'rejected']

/**
 * Publishes a report: creates a usage file, uploads the rows and, if wanted, submits the file. Steps that Connect shows
 * as done are skipped, so the same request may be sent any number of times.
 */
export class Publishing {
  readonly #job: Job
  readonly #outcomes = new Map<ReportStep, StepOutcome>()
  #fileId: string | null = null

  constructor (job: Job) {
    this.#job = job
  }

  get steps (): UsageReport['steps'] {
    return REPORT_STEPS.flatMap(step => {
      const outcome = this.#outcomes.get(step)
      return outcome === undefined ? [] : [{ step, outcome }]
    })
  }

  get fileId (): string | null { return this.#fileId }

  get hasWritten (): boolean {
    return WRITE_STEPS.some(step => this.#outcomes.get(step) === 'done')
  }

  /** For reads: they end when `signal` aborts. A write that Connect may have whole goes on, to learn its outcome. */
  get #reading (): WriteContext { return { ...this.#job.context, signal: this.#job.signal } }

  async publish (): Promise<UsageReport> {
    const { connect, report } = this.#job
    // Called for its check of the period: where the file exists, nothing else checks the header.
    createBody(report.header, 'body.report')
    this.#fileId = await findFile(connect, report.externalId, this.#reading)
    if (this.#fileId !== null) this.#outcomes.set('create', 'kept')
    let file = this.#fileId === null ? null : await this.#read()
    if (file !== null) requireSameTarget(file, report)
    let as = file === null ? await this.#asOfProduct() : this.#asOfFile(file)
    if (as === null) {
      // Neither the catalogue nor an earlier file tells the schema of the product. The new file does.
      file = await this.#create('')
      as = this.#asOfFile(file)
    }
    const rows = await this.#job.rows.check({ ...as, lookUps: this.#lookUps() })
    this.#outcomes.set('check', 'done')
    file ??= await this.#create(rows.digest)
    return await this.#fill(file, rows)
  }

  async #asOfProduct (): Promise<Rules | null> {
    const { connect, report: { header } } = this.#job
    const schema = await schemaOfProduct(connect, header.productId, this.#reading)
    return schema === null ? null : { schema, period: workbookPeriod(header.period) }
  }

  #lookUps (): LookUps {
    const { connect, report: { header: { productId }, hasAssets } } = this.#job
    return lookUpsIn({ connect, productId, context: this.#reading, hasAssets })
  }

  #asOfFile (file: Connect.UsageFile): Rules {
    return checkedAs(toUsageFile(file, this.#job.context.actor, 'detail'))
  }

  async #create (digest: string): Promise<Connect.UsageFile> {
    const { connect: { usageFiles }, report: { externalId, header } } = this.#job
    const { id } = await this.#write('create', digest, async context => await createFile({
      given: { ...header, externalId },
      actor: context.actor,
      attempt: context.attempt,
      create: async body => await usageFiles.create(body, context),
      read: async id => await usageFiles.get(id, context),
      list: async (filter, window) => await usageFiles.list({ filter, sort: ['-created.at'], ...window }, context)
    }))
    this.#fileId = id
    return await this.#read()
  }

  async #fill (found: Connect.UsageFile, rows: ReportRows): Promise<UsageReport> {
    let { object: file, isDone } = await this.#untilAtRest(found)
    this.#outcomes.set('wait', file === found ? 'kept' : 'done')
    if (!isDone) return this.#stillProcessing(file, rows)
    if (statusOf(file) === 'deleted') throw changedMeanwhile(this.#fileId)
    requireNoDoubt(file, rows.digest, this.#job.claim.earlier)
    if (await this.#holds(file, rows.digest) === true) this.#outcomes.set('upload', 'kept')
    else {
      requireFillable(file);
      ({ object: file, isDone } = await this.#untilAtRest(await this.#upload(file, rows)))
      if (!isDone) return this.#stillProcessing(file, rows)
      this.#outcomes.set('wait', 'done')
      await this.#requireUploaded(file, rows.digest)
    }
    return await this.#submit(file, rows)
  }

  async #upload (compared: Connect.UsageFile, rows: ReportRows): Promise<Connect.UsageFile> {
    const { connect } = this.#job
    const fileId = this.#requireId()
    await this.#write('upload', rows.digest, async context => {
      const run = await readBefore(UPLOAD, connect, { fileId }, context)
      requireUnchanged(compared, run.object)
      await rows.upload(async () => { await context.beforeSend?.() }, async (body, signal) => {
        const send = async () => await connect.usageFiles.upload(fileId, body, { ...context, signal })
        const write = { ...UPLOAD, send }
        await showAfter(write, run, await sendWrite(write, run))
      })
    })
    return await this.#read()
  }

  async #submit (compared: Connect.UsageFile, rows: ReportRows): Promise<UsageReport> {
    const { connect, report } = this.#job
    const fileId = this.#requireId()
    const state = stateOf(statusOf(compared))
    if (!report.isSubmitted || state !== 'ready') {
      this.#outcomes.set('submit', state !== null && UNSUBMITTED.includes(state) ? 'skipped' : 'kept')
      return this.#show(this.#mapped(compared), rows, state)
    }
    const shown = await this.#write('submit', rows.digest, async context => {
      const run = await readBefore(SUBMIT, connect, { fileId }, context)
      if (uploadedAt(compared) === null) {
        throw new AppError('UPSTREAM_INVALID', 'Connect does not tell when the usage file was uploaded.')
      }
      requireUnchanged(compared, run.object)
      return await showAfter(SUBMIT, run, await sendWrite(SUBMIT, run))
    })
    return this.#show(shown, rows, stateOf(shown.status) ?? 'submitted')
  }

  /**
   * Runs `work`, which does the write of a step. The `beforeSend` that `work` gets marks the claim, before Connect can
   * have the whole write.
   */
  async #write<Result> (
    step: WriteStep, digest: string, work: (context: WriteContext) => Promise<Result>
  ): Promise<Result> {
    const { claim, context, signal } = this.#job
    signal.throwIfAborted()
    const result = await work({
      ...context,
      attempt: claim.begin(step, digest),
      beforeSend: async () => {
        await claim.mark()
        await context.beforeSend?.()
      },
      observe: call => {
        claim.observe(call)
        context.observe?.(call)
      }
    })
    claim.settle()
    this.#outcomes.set(step, 'done')
    return result
  }

  async #holds (file: Connect.UsageFile, digest: string): Promise<boolean | null> {
    const { connect: { storage }, rows } = this.#job
    const follow = async (link: string): Promise<Download> => await storage.fetch(link, this.#reading)
    return await holdsRows(file, digest, rows, { read: async () => await this.#read(), follow })
  }

  async #requireUploaded (file: Connect.UsageFile, digest: string): Promise<void> {
    const isHeld = await this.#holds(file, digest)
    if (isHeld === false) throw changedMeanwhile(this.#fileId)
    if (isHeld === null && this.#job.report.isSubmitted) {
      throw new AppError(
        'UPSTREAM_INVALID', 'Connect does not give the uploaded workbook back, so the file was not submitted.'
      )
    }
  }

  /** Does not wait for a submitted file: Connect goes on working on some of these, but their rows do not change. */
  async #untilAtRest (file: Connect.UsageFile): Promise<Waited<Connect.UsageFile>> {
    const isKnown = KINDS['usage-file'].restOf(file) === 'at-rest' || isSubmitted(statusOf(file))
    return isKnown ? { object: file, isDone: true } : await this.#job.untilAtRest(this.#requireId())
  }

  async #read (): Promise<Connect.UsageFile> {
    return await this.#job.connect.usageFiles.get(this.#requireId(), this.#reading)
  }

  #mapped (file: Connect.UsageFile): UsageFile {
    return toUsageFile(file, this.#job.context.actor, 'detail')
  }

  #stillProcessing (file: Connect.UsageFile, rows: ReportRows): UsageReport {
    this.#outcomes.delete('wait')
    return this.#show(this.#mapped(file), rows, 'processing')
  }

  #show (file: UsageFile, { check }: ReportRows, state: UsageReport['state'] | null): UsageReport {
    if (state === null) throw unknownStatus()
    return { externalId: this.#job.report.externalId, state, file, check, steps: this.steps }
  }

  #requireId (): string {
    if (this.#fileId === null) throw new Error('the usage file is not known yet')
    return this.#fileId
  }
}
