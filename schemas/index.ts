import { CloseResult, CloseSummary, RecordOutcome } from './bulk-close.ts'
import { Caller } from './caller.ts'
import { Asset, Product, ProductItem } from './catalogue.ts'
import { Category } from './category.ts'
import { Problem } from './problem.ts'
import { Reconciliation } from './reconciliation.ts'
import { RowError } from './row-error.ts'
import { UsageAggregate } from './usage-aggregate.ts'
import { UsageChunk } from './usage-chunk.ts'
import { UsageCheck } from './usage-check.ts'
import { UsageColumns } from './usage-columns.ts'
import { UsageContract } from './usage-contract.ts'
import { UsageCoverage } from './usage-coverage.ts'
import { UsageFileSummary } from './usage-file-query.ts'
import { UsageFile } from './usage-file.ts'
import { UsageRecord } from './usage-record.ts'
import { UsageReport } from './usage-report.ts'
import { UsageRule } from './usage-rule.ts'
import { UsageFileTotals } from './usage-totals.ts'

/**
 * The schemas of all resources that have a name (`$id`). buildApp adds them to the app, so that they become components
 * of the OpenAPI document.
 */
export const resources = [
  Problem,
  Category,
  UsageChunk,
  Reconciliation,
  UsageFile,
  UsageFileSummary,
  UsageRecord,
  UsageAggregate,
  UsageRule,
  Caller,
  Product,
  ProductItem,
  Asset,
  UsageContract,
  UsageCoverage,
  UsageColumns,
  UsageCheck,
  RowError,
  UsageFileTotals,
  UsageReport,
  RecordOutcome,
  CloseSummary,
  CloseResult
]
