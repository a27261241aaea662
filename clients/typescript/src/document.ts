/**
 * Made from openapi/openapi.json by `npm run openapi`. Do not edit.
 * SHA-256 of the document: f9fac1e46cbde8aa84eb76dac9537c333b8f191395c610a4ff2a5ab13b0c81c3
 */
export interface paths {
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process alive
         * @description Answers 200 as long as the process can answer at all. For restarts, not for routing.
         */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Does the instance take requests
         * @description Answers 200 while the instance takes requests, and 503 from the moment it begins to stop or while its state store does not answer or take writes. For load balancers.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List usage files
         * @description The usage files that the caller's account may see, newest first unless `sort` says otherwise. Deleted files come only when `status` asks for them. `records` and `files` are null here.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listUsageFiles"];
        put?: never;
        /**
         * Create a usage file
         * @description Creates the header of a report; its workbook is uploaded next. Give an `externalId` of your own: should the answer be lost, the file is found by it. `listUsageContracts` gives the valid pairs of `productId` and `contractId`.
         *
         *     Scope: `usage:write`.
         */
        post: operations["createUsageFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count usage files by status
         * @description How many usage files are in each status, under the same filters as the list but `status`. `total` counts what the list shows, so without deleted files.
         *
         *     Scope: `usage:read`.
         */
        get: operations["summarizeUsageFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a usage file
         * @description One usage file with all its parts. `include` joins its categories, chunks and reconciliations in the same answer; a part that fails is null, and `warnings` says why. Send the `ETag` back in `If-None-Match` to learn cheaply that nothing changed, and `Prefer: wait=20` to wait for the end of the processing.
         *
         *     Scope: `usage:read`.
         */
        get: operations["getUsageFile"];
        put?: never;
        post?: never;
        /**
         * Delete a usage file
         * @description Deletes a file that was never submitted. Connect keeps it in status `deleted`.
         *
         *     Scope: `usage:write`.
         */
        delete: operations["deleteUsageFile"];
        options?: never;
        head?: never;
        /**
         * Change the header of a usage file
         * @description Changes the given fields and leaves the others alone; null clears a field. Connect takes the whole header, so each change reads it first. Changes of one file take turns within an instance of this service; two that meet in different instances can still undo each other.
         *
         *     Scope: `usage:write`.
         */
        patch: operations["updateUsageFile"];
        trace?: never;
    };
    "/v1/usage-files/{fileId}/submit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit a usage file
         * @description Hands a file whose workbook was processed (`ready`) to the provider. A usage rule of the provider may decide on it within seconds.
         *
         *     Scope: `usage:submit`.
         */
        post: operations["submitUsageFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept a usage file
         * @description Accepts a pending file as a whole: its valid records become `approved`, and Connect cuts it into chunks, one a hub.
         *
         *     Scope: `usage:decide`.
         */
        post: operations["acceptUsageFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reject a usage file
         * @description Rejects a pending file as a whole. The vendor reads the reason and may upload a better workbook.
         *
         *     Scope: `usage:decide`.
         */
        post: operations["rejectUsageFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/approve-all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve every record of a usage file
         * @description Approves the records that usage rules or single decisions left open or rejected.
         *
         *     Scope: `usage:decide`.
         */
        post: operations["approveAllUsageRecords"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a usage file
         * @description Declares an accepted file billed. There is no way back. Connect closes the open records of the file together with the file, without a billing id: `records.openRecords` of the file tells before how many there are. Close them first (`closeUsageFileRecords`) to give them a billing id. Connect also closes a file when its last chunk is closed, and when a reconciliation closes its last record. A later reconciliation can give billing ids to the records of a closed file.
         *
         *     Scope: `usage:close`.
         */
        post: operations["closeUsageFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/reprocess": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make the processed workbook again
         * @description Starts to rebuild the processed workbook, after records were closed one by one. `subStatus` is `processing` until it is done; with `Prefer: wait=20` the answer comes then.
         *
         *     Scope: `usage:close`.
         */
        post: operations["reprocessUsageFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/categories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the categories of a usage file
         * @description The categories that the workbook declares, by name unless `sort` says otherwise.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listUsageFileCategories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/totals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Add up the records of a usage file
         * @description Exact sums over all records: compare them with your own before you submit, accept or close. All records are read for each answer, which takes some seconds for a large file.
         *
         *     Scope: `usage:read`.
         */
        get: operations["getUsageFileTotals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/row-errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the errors in the rows of a usage file
         * @description What Connect found wrong, cell by cell: the comments of the processed workbook. Where no cell has a comment, the errors of the invalid records. As XLSX the answer is the whole uploaded workbook with the wrong cells marked: correct them and upload the workbook again, because an upload replaces all rows.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listRowErrors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/files/uploaded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the uploaded workbook
         * @description The workbook as the vendor uploaded it.
         *
         *     Scope: `usage:read`.
         */
        get: operations["downloadUploadedUsageFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/files/processed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the processed workbook
         * @description Connect's copy of the workbook: faulty cells carry a comment, and the provider's copy has more columns.
         *
         *     Scope: `usage:read`.
         */
        get: operations["downloadProcessedUsageFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/files/reconciliation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the reconciliation workbook
         * @description The workbook last uploaded to reconcile this file.
         *
         *     Scope: `usage:read`.
         */
        get: operations["downloadReconciliationFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List usage records
         * @description The rows of usage files, oldest first unless `sort` says otherwise. `?fileId=…&status=invalid` tells which rows of a file are wrong, and why (`errors`).
         *
         *     Scope: `usage:read`.
         */
        get: operations["listUsageRecords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-records/{recordId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a usage record
         * @description One row of a usage file, with its billing data once it is closed.
         *
         *     Scope: `usage:read`.
         */
        get: operations["getUsageRecord"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Approve or reject a usage record
         * @description Decides on a single record that rules left open, or otherwise than they did. What is closed stays closed.
         *
         *     Scope: `usage:decide`.
         */
        patch: operations["updateUsageRecord"];
        trace?: never;
    };
    "/v1/usage-records/{recordId}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a usage record
         * @description Declares an approved record billed. May be repeated: what is closed with this billing id stays closed once, what is closed with another one is a conflict. Requests for one record with the same billing id that come at the same time share one close and its answer, with the note of the first.
         *
         *     Scope: `usage:close`.
         */
        post: operations["closeUsageRecord"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-chunks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List chunks
         * @description The parts of accepted usage files, one a hub, the newest month first unless `sort` says otherwise. `?status=ready&hubId=…` is what a hub has to import.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listUsageChunks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-chunks/{chunkId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a chunk
         * @description The part of a usage file that belongs to one hub. After a regeneration, wait with `Prefer: wait=20` until it is `ready` or `failed`.
         *
         *     Scope: `usage:read`.
         */
        get: operations["getUsageChunk"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Note the hub's id of a chunk
         * @description Stores the hub's own id of the chunk, so that others see that it was imported.
         *
         *     Scope: `usage:close`.
         */
        patch: operations["updateUsageChunk"];
        trace?: never;
    };
    "/v1/usage-chunks/{chunkId}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a chunk
         * @description Declares a whole chunk billed: its approved records are closed with this billing id. A chunk does not show its billing id, so a close whose outcome is unknown is settled by its records: if the one closed last has this billing id, it is done. When no other chunk of the file is open, Connect closes the file too.
         *
         *     Scope: `usage:close`.
         */
        post: operations["closeUsageChunk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-chunks/{chunkId}/regenerate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make the workbook of a chunk again
         * @description Starts to rebuild the workbook of a chunk whose records changed (`outdated`) or that failed. With `Prefer: wait=20` the answer comes when the chunk is `ready` or `failed`; doing it twice does no harm.
         *
         *     Scope: `usage:close`.
         */
        post: operations["regenerateUsageChunk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-chunks/{chunkId}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the workbook of a chunk
         * @description The records of one hub. Fill in `external_billing_id` and `external_billing_note` and send it to the reconciliations to close them.
         *
         *     Scope: `usage:read`.
         */
        get: operations["downloadUsageChunk"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List reconciliations
         * @description The workbooks that brought billing ids, those of the newest month of usage first unless `sort` says otherwise.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listReconciliations"];
        put?: never;
        /**
         * Close records by a workbook or by rows
         * @description Sends a chunk's workbook with `external_billing_id` and `external_billing_note` filled on to Connect, which closes the records that have both. Rows of `record_id`, `external_billing_id` and `external_billing_note` are filled into the workbook of the chunk that `chunkId` names; a row that this workbook does not hold is 422 `ROWS_INVALID`, and nothing is sent. A workbook names its usage file and hub itself. A form may hold a `note` before the file. Sent again it makes a second reconciliation, which finds the records closed: after a 504 read the list first.
         *
         *     Scope: `usage:close`.
         */
        post: operations["createReconciliation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{reconciliationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a reconciliation
         * @description One workbook that brought billing ids. Wait with `Prefer: wait=20` until it is `processed` or `failed`; `processingNote` and `errorDetail` then say what became of it.
         *
         *     Scope: `usage:read`.
         */
        get: operations["getReconciliation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{reconciliationId}/files/uploaded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the workbook as it was sent
         * @description The workbook of the reconciliation, as it was uploaded.
         *
         *     Scope: `usage:read`.
         */
        get: operations["downloadReconciliationUpload"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{reconciliationId}/files/processed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download what became of the workbook
         * @description Connect's copy of the workbook after processing, which tells the rows it could not close. It does not exist before the reconciliation is `processed`.
         *
         *     Scope: `usage:read`.
         */
        get: operations["downloadReconciliationResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-aggregates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List running totals
         * @description How much of each item was used under each subscription so far. Connect offers no order here, so narrow long lists by filters rather than paging through them.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listUsageAggregates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/assets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List subscriptions
         * @description The subscriptions that the caller's account may see, oldest first. In Connect a subscription is an asset.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listAssets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/assets/{assetId}/usage-aggregates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the running totals of a subscription
         * @description How much of each item was used under one subscription so far.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listAssetUsageAggregates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List products
         * @description The products that the caller's account may see, by name. A token of Connect without the right to products gets 403 `CONNECT_FORBIDDEN`; the other operations go on.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listProducts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products/{productId}/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the items of a product
         * @description What the rows of usage of a product may count, in the order of Connect. A row names an item by `mpn`, `id` or `localId`. Items that usage files made are here, too.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listProductItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products/{productId}/usage-template": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the workbook to report usage in
         * @description The product's empty workbook, with the columns that its usage needs and a word on each.
         *
         *     Scope: `usage:read`.
         */
        get: operations["downloadUsageTemplate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products/{productId}/usage-columns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the columns to report usage in
         * @description The columns of the rows that a usage file may hold, in any form. They depend on the schema of the product. Connect is not asked.
         *
         *     Scope: `usage:read`.
         */
        get: operations["getUsageColumns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products/{productId}/usage-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the usage rules of a product
         * @description The rules that decide on the product's usage, by item; those of one item in Connect's own order. Deleted ones stay in the list: `?status=active` leaves them out.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listUsageRules"];
        put?: never;
        /**
         * Create a usage rule
         * @description Makes a rule about an item of the product, in force at once unless `status` says otherwise.
         *
         *     Scope: `rules:write`.
         */
        post: operations["createUsageRule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products/{productId}/usage-rules/{ruleId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a usage rule
         * @description One rule that decides on the product's usage.
         *
         *     Scope: `usage:read`.
         */
        get: operations["getUsageRule"];
        put?: never;
        post?: never;
        /**
         * Delete a usage rule
         * @description Takes a rule out of force for good. Decisions that it took stay.
         *
         *     Scope: `rules:write`.
         */
        delete: operations["deleteUsageRule"];
        options?: never;
        head?: never;
        /**
         * Change a usage rule
         * @description Changes the given fields and leaves the others alone; null clears the condition. `afterRuleId` moves the rule: it says which one it stands behind. Connect takes the whole rule, so each change reads it first. Changes of one rule take turns within an instance of this service; two that meet in different instances can still undo each other.
         *
         *     Scope: `rules:write`.
         */
        patch: operations["updateUsageRule"];
        trace?: never;
    };
    "/v1/usage-contracts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List products and contracts for usage files
         * @description The pairs of product and contract with which a usage file can be created, by name: from the listings of products that take usage, and from the usage files that exist. A token of Connect without the right to listings gets those of usage files only.
         *
         *     Scope: `usage:read`.
         */
        get: operations["listUsageContracts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find out what was not reported
         * @description For each product and contract: how often to report, the last report, the times without a report, and the usage files that are not submitted yet. A contract that never reported is here, too. Usage files that were created more than 35 days before `from` are not read, except for the newest report. Times with more than 50,000 usage files are refused.
         *
         *     Scope: `usage:read`.
         */
        get: operations["getUsageCoverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the caller
         * @description Who sends the request: the account, what the caller may do, and the limits. Connect is not asked.
         *
         *     Needs a credential, but no scope.
         */
        get: operations["getCaller"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-records/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close many usage records
         * @description Takes any number of records, in JSON or NDJSON. The body is received whole and checked before the first record goes to Connect; then every record that came in gets exactly one outcome. With `Accept: application/x-ndjson` outcomes arrive a line a record while it runs, and those of records that were closed with this billing id before hold `"already": true`; the JSON form lists what was not closed. After a cut answer send the records without an outcome again, or the whole request: what is closed stays closed once.
         *
         *     Scope: `usage:close`.
         */
        post: operations["closeUsageRecords"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/records/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close all approved records of a usage file
         * @description Closes every approved record of the file with one billing id. Answers as closing many records does; `index` counts the records as they were found.
         *
         *     Scope: `usage:close`.
         */
        post: operations["closeUsageFileRecords"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products/{productId}/usage-check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check rows of usage
         * @description Checks all rows against what is known of Connect, before there is a usage file. Connect is asked for the items of the product; nothing is kept or uploaded. What could not be checked is in `checks`, with the reason. As XLSX the answer is the rows with the wrong cells marked.
         *
         *     Scope: `usage:write`.
         */
        post: operations["checkUsage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check rows for a usage file
         * @description Checks all rows against what is known of Connect, with the schema, the period and the items of the usage file. Nothing is kept and nothing is uploaded. What could not be checked is in `checks`, with the reason. As XLSX the answer is the rows with the wrong cells marked: correct them and upload the workbook.
         *
         *     Scope: `usage:write`.
         */
        post: operations["checkUsageOfFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products/{productId}/usage-workbook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a workbook of rows of usage
         * @description Gives the rows in the workbook that an upload would send to Connect, or in another form. The rows are checked before. Nothing is kept and nothing is sent to Connect. The same rows give the same bytes.
         *
         *     Scope: `usage:write`.
         */
        post: operations["convertUsage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload the usage of a usage file
         * @description Sends a workbook on to Connect as it is, or rows in a workbook that is made of them. Connect then checks it; with `Prefer: wait=20` the answer comes when the file is `ready` or `invalid`. Rows are checked before, and Connect is asked for their items: rows with errors are refused and nothing is sent. A body that is cut off, too large or not a workbook never reaches Connect as a complete one. A later upload replaces all records.
         *
         *     Scope: `usage:write`.
         */
        post: operations["uploadUsageFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-files/{fileId}/reconciliation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close records of a usage file by a workbook or by rows
         * @description Sends a workbook with `external_billing_id` and `external_billing_note` on to Connect, which closes the records that have both. Rows of `record_id`, `external_billing_id` and `external_billing_note` are filled into the processed workbook of the file; a row that this workbook does not hold is 422 `ROWS_INVALID`, and nothing is sent. Sent again it makes a second reconciliation: after a 504 read the reconciliations first. 202 says only that Connect has the workbook: whether Connect could use it shows in `GET /v1/reconciliations?fileId=`, the address in the header `Link`.
         *
         *     Scope: `usage:close`.
         */
        post: operations["reconcileUsageFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage-reports/{externalId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Publish a usage report in one call
         * @description Makes it so that the usage file with this external id exists, holds these rows and, with `submit=true`, is submitted. Send the same request again at any time until it answers 200: steps that Connect shows as done are skipped. Waits for Connect for 20 seconds, or as `Prefer: wait=N` says (1 to 50). The header of a file that exists is not changed. A file with the same rows is kept in whatever state it is; an invalid or rejected one is not sent again. Other rows fill a draft, invalid, ready or rejected file anew.
         *
         *     Scope: `usage:write`.
         */
        put: operations["publishUsageReport"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch objects change
         * @description A stream of server-sent events: the present status of each object that is named, then each change. Without ids: every usage file of the account that Connect works on or that is `pending`. `event: stale` says that Connect cannot be asked; afterwards the present status comes again. A comment comes every 15 seconds. The stream ends with its credential and before the service stops: connect again, and it begins with the present status. `EventSource` of browsers sends no headers: read the stream with `fetch`.
         *
         *     Scope: `usage:read`.
         */
        get: operations["watchEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connect-webhooks/{account}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a webhook of Connect
         * @description For Connect, not for callers. A webhook for usage files says that something changed, not what: requests that wait and event streams of the account then ask Connect earlier than they would. 404 unless the operator has set a `webhookSecret` for the account.
         */
        post: operations["receiveConnectWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A note on the decision. The whole body may be left out. */
        AcceptUsageFile: {
            /** @description A note on the decision; null is the same as absent. */
            note?: string | null;
        };
        /**
         * @description An action on a usage file or a chunk: see `UsageFileAction` and `UsageChunkAction`.
         * @enum {string}
         */
        Action: "update" | "upload" | "submit" | "delete" | "accept" | "reject" | "approve-all" | "reconcile" | "reprocess" | "close-records" | "close" | "regenerate";
        /** @description A subscription: what a customer bought, and what usage is reported for. */
        Asset: {
            /** @description Id of the subscription. */
            id: string;
            /** @description The hub's id of the subscription. */
            externalId: string | null;
            /** @description The hub's unique id of the subscription. */
            externalUid: string | null;
            /** @description Where a subscription is in its life; the words are those of Connect. */
            status: components["schemas"]["AssetStatus"] | null;
            /** @description The product that was bought. */
            product: components["schemas"]["IconReference"] | null;
            /** @description Where the product was sold. */
            marketplace: components["schemas"]["IconReference"] | null;
        };
        /** @description A page of subscriptions. */
        AssetPage: {
            /** @description The subscriptions of this page. */
            items: components["schemas"]["Asset"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /**
         * @description Where a subscription is in its life; the words are those of Connect.
         * @enum {string}
         */
        AssetStatus: "draft" | "processing" | "active" | "terminating" | "suspended" | "terminated";
        /** @description How the usage was billed. */
        Billing: {
            /** @description Id of the invoice or billing run. */
            externalBillingId: string;
            /** @description A remark on the billing; null is the same as absent. */
            externalBillingNote?: string | null;
        };
        /** @description The billing of a record, by column name. */
        BillingRow: {
            [key: string]: string | number | null;
        };
        /** @description Rows with billing ids. */
        BillingRows: {
            /** @description The rows, by column name. */
            rows: components["schemas"]["BillingRow"][];
        };
        /** @description The sender of the request: its account, and what the sender may do. */
        Caller: {
            /** @description The id of the caller in this service, as logs show it. */
            id: string;
            account: components["schemas"]["CallerAccount"];
            /** @description What the caller may do. The description of each operation names the scope that the operation needs. */
            scopes: components["schemas"]["Scope"][];
            limits: components["schemas"]["CallerLimits"];
        };
        /** @description The account of Connect that the caller uses. */
        CallerAccount: {
            /** @description The name of the account in this service. */
            name: string;
            /** @description The id of the account in Connect. */
            connectId: string | null;
            /** @description The role of the account in Connect. */
            role: components["schemas"]["Role"];
        };
        /** @description What this service takes from the caller. */
        CallerLimits: {
            /** @description The most requests in a minute. More are 429. */
            requestsPerMinute: number;
            /** @description The most bytes in a workbook. More are 413. */
            uploadMaxBytes: number;
            /** @description The most rows in a table, in any form. More are 413. */
            rowsMax: number;
        };
        /** @description A grouping of records, declared in the workbook's `categories` sheet. */
        Category: {
            /** @description Id of the category, as the workbook gives it. */
            id: string;
            /** @description Name of the category. */
            name: string | null;
            /** @description What belongs into it. */
            description: string | null;
        };
        /** @description A page of categories. */
        CategoryPage: {
            /** @description The categories of this page. */
            items: components["schemas"]["Category"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /** @description A category, by column name of its sheet. */
        CategoryRow: {
            [key: string]: string | null;
        };
        /**
         * @description Why a record is not closed.
         * @enum {string}
         */
        CloseCode: "BILLING_CONFLICT" | "NOT_CLOSED" | "NOT_FOUND" | "CONNECT_REJECTED" | "DUPLICATE_ID" | "OUTCOME_UNKNOWN" | "CONNECT_FORBIDDEN" | "UPSTREAM_CREDENTIAL" | "UPSTREAM_THROTTLED" | "UPSTREAM_UNREACHABLE" | "OVERLOADED" | "DRAINING";
        /** @description One line: the outcome of a record, or the summary, which is the last line. */
        CloseLine: components["schemas"]["RecordOutcome"] | components["schemas"]["CloseSummaryLine"];
        /**
         * @description `closed`: closed with the billing id given. `refused`: not closed by this request. `unknown`: Connect does not show what happened.
         * @enum {string}
         */
        CloseOutcome: "closed" | "refused" | "unknown";
        /** @description A record to close. */
        CloseRecord: {
            /** @description Id of the usage record. */
            id: string;
            /** @description Id of the invoice or billing run. */
            externalBillingId?: string;
            /** @description A remark on the billing; null is the same as absent. */
            externalBillingNote?: string | null;
        };
        /** @description A record to close. */
        CloseRecordLine: {
            /** @description Id of the usage record. */
            id: string;
            /** @description Id of the invoice or billing run. */
            externalBillingId: string;
            /** @description A remark on the billing; null is the same as absent. */
            externalBillingNote?: string | null;
        };
        /** @description Outcome of closing many records. */
        CloseResult: {
            /** @description Every record that was not closed. */
            failures: components["schemas"]["RecordOutcome"][];
            summary: components["schemas"]["CloseSummary"];
        };
        /** @description Outcomes counted: `closed`, `refused` and `unknown` add up to `requested`. */
        CloseSummary: {
            /** @description Records that came in. */
            requested: number;
            /** @description Closed, now or before, with the billing id given. */
            closed: number;
            /** @description Not closed, or closed with another billing id. */
            refused: number;
            /** @description Nobody can tell; send the request again. */
            unknown: number;
            /**
             * @description When closing a usage file: approved records may be left, because more kept turning up or Connect could not be asked again. With `requested` 0, the list of them could not be read after the answer had begun. Send the request again.
             * @enum {boolean}
             */
            hasMore?: true;
        };
        /** @description The last line. */
        CloseSummaryLine: {
            summary: components["schemas"]["CloseSummary"];
        };
        /** @description The records to close. */
        CloseUsageRecords: {
            /** @description The records, any number of them. */
            records: components["schemas"]["CloseRecord"][];
            /** @description For records without one of their own. */
            externalBillingId?: string;
            /** @description For records without one of their own. */
            externalBillingNote?: string | null;
        };
        /** @description What Connect answered when it refused. */
        ConnectRefusal: {
            /** @description Connect's HTTP status. */
            status: number;
            /** @description Connect's error code. */
            errorCode: string | null;
            /** @description Connect's messages. */
            errors: string[];
        };
        /** @description What Connect sends. It names no usage file, and nothing in it is used. */
        ConnectWebhookCall: {
            [key: string]: unknown;
        };
        /** @description The header of the new file; null is the same as absent. */
        CreateUsageFile: {
            /** @description Name of the file. */
            name: string;
            /** @description Id of the product used: see `listUsageContracts`. */
            productId: string;
            /** @description Id of the distribution contract; it determines provider and marketplace. */
            contractId: string;
            period: components["schemas"]["PeriodInput"];
            /** @description The ISO 4217 code of the amounts. When absent: the currency of the marketplace. */
            currency?: string | null;
            /** @description Description of the file. */
            description?: string | null;
            /** @description A note for the vendor; providers do not see the note. */
            note?: string | null;
            /** @description Your own id of the report, best a unique one: when the answer of Connect is lost, the service finds the new file by this id. */
            externalId?: string | null;
        };
        /** @description The new rule. */
        CreateUsageRule: {
            /** @description Id of the item it is about. */
            itemId: string;
            action: components["schemas"]["UsageRuleAction"];
            /** @description The condition, in Connect's language of rules. */
            rule: string;
            /** @default active */
            status: components["schemas"]["UsageRuleStatus"];
        };
        /**
         * @description The status of the object in question: see `UsageFileStatus`, `UsageChunkStatus`, `UsageRecordStatus` and `UsageRuleStatus`.
         * @enum {string}
         */
        CurrentStatus: "draft" | "uploading" | "uploaded" | "processing" | "invalid" | "ready" | "pending" | "accepted" | "rejected" | "closed" | "deleted" | "failed" | "valid" | "approved" | "active";
        /**
         * @description The kind of problem. Programs decide by this word.
         * @enum {string}
         */
        ErrorCode: "VALIDATION_FAILED" | "MALFORMED_BODY" | "FIELD_AFTER_FILE" | "FILE_MISSING" | "CONNECT_REJECTED" | "UNAUTHENTICATED" | "SCOPE_MISSING" | "ACCOUNT_UNKNOWN" | "CONNECT_FORBIDDEN" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "REQUEST_TIMEOUT" | "ACTION_NOT_ALLOWED" | "BILLING_CONFLICT" | "REPORT_DIFFERS" | "REPORT_AMBIGUOUS" | "REPORT_IN_FLIGHT" | "IDEMPOTENCY_IN_FLIGHT" | "BODY_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "FILE_EMPTY" | "NOT_A_WORKBOOK" | "ROWS_INVALID" | "RATE_LIMITED" | "IDEMPOTENCY_MISMATCH" | "HEADERS_TOO_LARGE" | "INTERNAL" | "UPSTREAM_UNREACHABLE" | "UPSTREAM_RESET" | "UPSTREAM_INVALID" | "UPSTREAM_FAILED" | "UPSTREAM_CREDENTIAL" | "UPSTREAM_THROTTLED" | "OVERLOADED" | "ISSUER_UNAVAILABLE" | "DRAINING" | "STORE_UNAVAILABLE" | "UPSTREAM_TIMEOUT" | "OUTCOME_UNKNOWN";
        /** @description One fault of the request. */
        FieldError: {
            /** @description Where: `body.name`, `query.sort`, `path.fileId`. */
            path: string;
            /** @description What is wrong there. */
            message: string;
        };
        /** @description The id, the name and the icon of an object. */
        IconReference: {
            /** @description Id in Connect. */
            id: string | null;
            /** @description Name in Connect. */
            name: string | null;
            /** @description Absolute address of the icon, or null. */
            icon: string | null;
        };
        /**
         * @description How many decimals the quantities of an item have.
         * @enum {string}
         */
        ItemPrecision: "integer" | "decimal(1)" | "decimal(2)" | "decimal(4)" | "decimal(8)";
        /**
         * @description Where an item is in its life; the words are those of Connect.
         * @enum {string}
         */
        ItemStatus: "draft" | "published" | "endofsale";
        /**
         * @description `reservation`: booked beforehand. `ppu`: paid per use.
         * @enum {string}
         */
        ItemType: "reservation" | "ppu";
        /** @description Of the usage files that are submitted, accepted or closed, the one whose period ends last. */
        LastUsageReport: {
            /** @description Id of the usage file. */
            fileId: string;
            /** @description `draft`: has no workbook. `uploading`, `uploaded`, `processing`: Connect receives and checks the workbook. `invalid`: the workbook has errors. `ready`: can be submitted. `pending`: waits for the decision of the provider. `accepted`, `rejected`: the provider has decided. `closed`: billed. `deleted`: the vendor deleted it. */
            status: components["schemas"]["UsageFileStatus"] | null;
            /** @description The time that the report covers. */
            period: components["schemas"]["UsagePeriod"] | null;
        };
        /**
         * @description The form of a list: a page in JSON, or all items in CSV or NDJSON.
         * @enum {string}
         */
        ListForm: "json" | "csv" | "ndjson";
        /** @description A usage file that is not submitted, or that is rejected. */
        PendingUsageReport: {
            /** @description Id of the usage file. */
            fileId: string;
            /** @description `draft`: has no workbook. `uploading`, `uploaded`, `processing`: Connect receives and checks the workbook. `invalid`: the workbook has errors. `ready`: can be submitted. `pending`: waits for the decision of the provider. `accepted`, `rejected`: the provider has decided. `closed`: billed. `deleted`: the vendor deleted it. */
            status: components["schemas"]["UsageFileStatus"] | null;
            /** @description The time that the report covers. */
            period: components["schemas"]["UsagePeriod"] | null;
        };
        /** @description The time that the report covers. */
        PeriodInput: {
            /** @description The beginning of the period. ISO 8601 date or date-time; without an offset it is UTC. */
            from: string;
            /** @description The end of the period. A date without a time includes the whole day. ISO 8601 date or date-time; without an offset it is UTC. */
            to: string;
        };
        /** @description An error as RFC 9457 problem details. */
        Problem: {
            /** @description Names the kind of problem: `urn:connect-usage-bff:problem:` and the code in kebab-case. */
            type: string;
            /** @description The kind of problem in a few words, always the same for a code. */
            title: string;
            /** @description The HTTP status. */
            status: number;
            /** @description What went wrong this time. */
            detail: string;
            /** @description Path of the request. */
            instance: string;
            code: components["schemas"]["ErrorCode"];
            /** @description Id of the request, as in `X-Request-Id`: name it when you report the problem. */
            requestId: string;
            /** @description Each fault of the request, for `VALIDATION_FAILED`. */
            errors?: components["schemas"]["FieldError"][];
            connect?: components["schemas"]["ConnectRefusal"];
            /** @description The status that forbids the action, for `ACTION_NOT_ALLOWED`. */
            currentStatus?: components["schemas"]["CurrentStatus"];
            /** @description What the caller may do instead, for `ACTION_NOT_ALLOWED`. */
            actions?: components["schemas"]["Action"][];
            check?: components["schemas"]["UsageCheck"];
            /** @description The usage files of a report: for `REPORT_DIFFERS`, `REPORT_AMBIGUOUS`, and where steps were done. */
            fileIds?: string[];
            /** @description What this request did of a report before the problem. */
            steps?: components["schemas"]["UsageReportStepOutcome"][];
        };
        /** @description A product, as far as a usage report needs it. */
        Product: {
            /** @description Id of the product. */
            id: string;
            /** @description Name of the product. */
            name: string | null;
            /** @description Absolute address of the icon, or null. */
            icon: string | null;
            /** @description Where a product is in its life; the words are those of Connect. */
            status: components["schemas"]["ProductStatus"] | null;
            /** @description How usage that is paid per use is reported; null when the product has no such usage. */
            usage: components["schemas"]["ProductUsage"] | null;
        };
        /** @description An item of a product: what a row of usage counts. */
        ProductItem: {
            /** @description Id of the item. */
            id: string;
            /** @description The vendor's id of the item. */
            localId: string | null;
            /** @description Manufacturer's part number. */
            mpn: string | null;
            /** @description Name of the item. */
            name: string | null;
            /** @description What is counted. */
            unit: string | null;
            /** @description How many decimals the quantities of an item have. */
            precision: components["schemas"]["ItemPrecision"] | null;
            /** @description `reservation`: booked beforehand. `ppu`: paid per use. */
            type: components["schemas"]["ItemType"] | null;
            /** @description How often the item is billed, in the words of Connect. */
            period: string | null;
            /** @description Where an item is in its life; the words are those of Connect. */
            status: components["schemas"]["ItemStatus"] | null;
            /** @description Whether a usage file made the item, and not the vendor. */
            dynamic: boolean;
        };
        /** @description A page of items. */
        ProductItemPage: {
            /** @description The items of this page. */
            items: components["schemas"]["ProductItem"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /** @description A page of products. */
        ProductPage: {
            /** @description The products of this page. */
            items: components["schemas"]["Product"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /**
         * @description Where a product is in its life; the words are those of Connect.
         * @enum {string}
         */
        ProductStatus: "draft" | "indevelopment" | "oncertification" | "published" | "initializationfailed" | "deleted" | "endofsale";
        /** @description How usage that is paid per use is reported; null when the product has no such usage. */
        ProductUsage: {
            /** @description Which prices a report holds: `qt` none, only quantities; `pr` customer prices; `cr` distributor costs; `tr` a price for every tier. */
            schema: components["schemas"]["UsageSchema"] | null;
            /** @description Whether usage may name items that the product does not have yet. */
            dynamic: boolean;
            /** @description The columns of the vendor that each row must fill. In a table they have `v.` before the name. */
            requiredCustomFields: string[];
        };
        /** @description The header of the usage file, where it has to be created; null is the same as absent. */
        PublishUsageReport: {
            /** @description Name of the file. */
            name: string;
            /** @description Id of the product used: see `listUsageContracts`. */
            productId: string;
            /** @description Id of the distribution contract; it determines provider and marketplace. */
            contractId: string;
            period: components["schemas"]["PeriodInput"];
            /** @description The ISO 4217 code of the amounts. When absent: the currency of the marketplace. */
            currency?: string | null;
            /** @description Description of the file. */
            description?: string | null;
            /** @description A note for the vendor; providers do not see the note. */
            note?: string | null;
        };
        /** @description An upload that brings billing ids for records. */
        Reconciliation: {
            /** @description Id of the reconciliation. */
            id: string;
            /** @description Id of the usage file it is about. */
            fileId: string | null;
            /** @description Id of the chunk it is about; null when it is about the whole file. */
            chunkId: string | null;
            /** @description Where it stands; null when Connect sent a status that this service does not know. */
            status: components["schemas"]["ReconciliationStatus"] | null;
            /** @description The commerce system it came from. */
            hub: components["schemas"]["Reference"] | null;
            /** @description The uploader's remark. */
            note: string | null;
            /** @description Connect's remark after processing. */
            processingNote: string | null;
            /** @description Why it failed. */
            errorDetail: string | null;
            /** @description What happened to the object, oldest first. */
            events: components["schemas"]["UsageEvent"][];
            /** @description Where its workbooks are. */
            files: {
                /** @description Path of the uploaded workbook in this API. */
                uploaded: string;
                /** @description Path of the processed workbook in this API; null while it does not exist. */
                processed: string | null;
            };
            /** @description When it was uploaded. ISO 8601 in UTC. */
            createdAt: string | null;
        };
        /** @description A form. `note` comes before `file`. */
        ReconciliationForm: {
            /** @description A remark on the reconciliation. Comes before the file. */
            note?: string;
            /**
             * Format: binary
             * @description The workbook (.xlsx), or the rows (.csv, .ndjson, .json). The last part of the form.
             */
            file: string;
        };
        /** @description A page of reconciliations. */
        ReconciliationPage: {
            /** @description The reconciliations of this page. */
            items: components["schemas"]["Reconciliation"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /**
         * @description `uploaded`, `processing`: Connect reads the workbook. `processed`: Connect has closed what the workbook names. `failed`: `errorDetail` says why.
         * @enum {string}
         */
        ReconciliationStatus: "uploaded" | "processing" | "processed" | "failed";
        /** @description One error of a record. */
        RecordError: {
            /** @description Connect's code of the error. */
            code: string | null;
            /** @description What is wrong with the row. */
            message: string | null;
        };
        /** @description What became of one record. */
        RecordOutcome: {
            /** @description Id of the record. */
            id: string;
            /** @description Its place in the request, from 0. */
            index: number;
            outcome: components["schemas"]["CloseOutcome"];
            /**
             * @description Of a record that was closed with this billing id before this request sent it. Absent where it was closed now, or where nobody can tell which.
             * @enum {boolean}
             */
            already?: true;
            code?: components["schemas"]["CloseCode"];
            /** @description The same in words, Connect's own where it gave any. */
            message?: string;
        };
        /** @description The id and the name of an object. */
        Reference: {
            /** @description Id in Connect. */
            id: string | null;
            /** @description Name in Connect. */
            name: string | null;
        };
        /** @description Why the file is rejected. */
        RejectUsageFile: {
            /** @description The reason, for the vendor to read. */
            note: string;
        };
        /**
         * @description `vendor`: reports usage. `provider`: decides on the usage, and bills.
         * @enum {string}
         */
        Role: "vendor" | "provider";
        /** @description One error that Connect found in a row of a usage file. What Connect does not tell is null. */
        RowError: {
            /** @description The row of the workbook, as a spreadsheet shows it: the header is row 1. */
            row: number | null;
            /** @description The `record_id` in that row. */
            recordId: string | null;
            /** @description The id of the usage record in Connect. */
            usageRecordId: string | null;
            /** @description The name of the column. */
            column: string | null;
            /** @description The cell, as a spreadsheet names it. */
            cell: string | null;
            /** @description Connect's code of the error. */
            code: string | null;
            /** @description What is wrong, in the words of Connect. */
            message: string | null;
            /** @description What the cell holds. */
            value: string | null;
            source: components["schemas"]["RowErrorSource"];
        };
        /** @description How often one code is there. */
        RowErrorCount: {
            /** @description Connect's code; null for errors without one. */
            code: string | null;
            /** @description Errors with this code. */
            count: number;
        };
        /** @description A page of row errors. */
        RowErrorPage: {
            /** @description The row errors of this page. */
            items: components["schemas"]["RowError"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
            /** @description How often each code is there, over all errors of the file. */
            byCode: components["schemas"]["RowErrorCount"][];
        };
        /**
         * @description Where the error was found: `workbook` is a comment on a cell of the processed workbook; `records` is an invalid record, which does not tell its row.
         * @enum {string}
         */
        RowErrorSource: "workbook" | "records";
        /**
         * @description What a caller may do: see the description of each operation.
         * @enum {string}
         */
        Scope: "usage:read" | "usage:write" | "usage:submit" | "usage:decide" | "usage:close" | "rules:write";
        /** @description One category. */
        TableCategory: {
            [key: string]: string;
        };
        /** @description A form. Fields come before the file. */
        TableFileForm: {
            /**
             * Format: binary
             * @description The workbook (.xlsx), or the rows (.csv, .ndjson, .json). The last part of the form.
             */
            file: string;
        };
        /**
         * @description The form of a table: a workbook, or its rows in a form of text.
         * @enum {string}
         */
        TableForm: "xlsx" | "csv" | "ndjson" | "json";
        /** @description One row. */
        TableRow: {
            [key: string]: string;
        };
        /** @description The rows of a sheet. Each value is a text, digit for digit; a cell without a value is absent. */
        TableRows: {
            /** @description The rows, by column name. */
            rows: components["schemas"]["TableRow"][];
            /** @description The rows of the sheet `categories`, if there is one. */
            categories: components["schemas"]["TableCategory"][];
        };
        /** @description The change of the chunk. */
        UpdateUsageChunk: {
            /** @description The hub's own id of the chunk, such as the id of its import; null removes the id. */
            externalId: string | null;
        };
        /** @description The fields to change. null removes a value; a field that is absent does not change. */
        UpdateUsageFile: {
            /** @description Description of the file. */
            description?: string | null;
            /** @description A note for the vendor; providers do not see the note. */
            note?: string | null;
            period?: components["schemas"]["PeriodInput"];
            /** @description The ISO 4217 code of the amounts. When absent: the currency of the marketplace. */
            currency?: string | null;
            /** @description Your own id of the report, best a unique one: when the answer of Connect is lost, the service finds the new file by this id. */
            externalId?: string | null;
        };
        /** @description The decision. */
        UpdateUsageRecord: {
            /** @description The decision on the record. */
            status: components["schemas"]["UsageDecision"];
        };
        /** @description What to change: null clears, what is absent stays. */
        UpdateUsageRule: {
            /** @description Id of the item it is about. */
            itemId?: string;
            action?: components["schemas"]["UsageRuleAction"];
            /** @description The condition, in Connect's language of rules. */
            rule?: string | null;
            status?: components["schemas"]["UsageRuleStatus"];
            /** @description Id of the rule to stand behind. */
            afterRuleId?: string;
        };
        /** @description A running total of one item under one subscription. */
        UsageAggregate: {
            asset: components["schemas"]["UsageAsset"];
            item: components["schemas"]["UsageItem"];
            /** @description How much was used so far of an item that is booked beforehand; null for items paid per use. A decimal, digit for digit as Connect sent it. A number with an exponent is written out: 1.50E1 is 15.0. */
            consumed: string | null;
            /** @description How much was accepted so far of an item paid per use; null for items that are booked beforehand. A decimal, digit for digit as Connect sent it. A number with an exponent is written out: 1.50E1 is 15.0. */
            accepted: string | null;
            /** @description Sum of the amounts. A decimal, digit for digit as Connect sent it. A number with an exponent is written out: 1.50E1 is 15.0. */
            amount: string | null;
            /** @description ISO 4217 code of the amount. */
            currency: string | null;
            /** @description When usage was reported last. ISO 8601 in UTC. */
            lastReportedAt: string | null;
        };
        /** @description A page of aggregates. */
        UsageAggregatePage: {
            /** @description The aggregates of this page. */
            items: components["schemas"]["UsageAggregate"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /** @description The subscription in which it was used. */
        UsageAsset: {
            /** @description Id of the subscription. */
            id: string | null;
            /** @description The hub's id of the subscription. */
            externalId: string | null;
            /** @description The hub's unique id of the subscription. */
            externalUid: string | null;
            /** @description The value that the vendor's product marks as reconciliation id; null when it has none. */
            reconId: string | null;
        };
        /**
         * @description `daily`: usage of items that are booked beforehand is reported every day. `daily-or-monthly`: usage that is paid per use is reported every day or once a month.
         * @enum {string}
         */
        UsageCadence: "daily" | "daily-or-monthly";
        /** @description What is right and wrong in rows of usage. */
        UsageCheck: {
            /** @description Whether there is no problem of severity `error`. */
            valid: boolean;
            rows: components["schemas"]["UsageCheckRows"];
            totals: components["schemas"]["UsageCheckTotals"];
            /** @description The first 1000 problems. All of them come with Accept: application/x-ndjson or text/csv. */
            problems: components["schemas"]["UsageProblem"][];
            /** @description How often each thing is wrong, over all rows. */
            byCode: components["schemas"]["UsageCheckCount"][];
            /** @description Whether there are more problems than `problems` holds. */
            truncated: boolean;
            /** @description What was looked at, and what was not. */
            checks: components["schemas"]["UsageCheckPart"][];
        };
        /**
         * @description What is wrong in rows of usage.
         * @enum {string}
         */
        UsageCheckCode: "COLUMN_MISSING" | "COLUMN_UNKNOWN" | "VALUE_MISSING" | "VALUE_INVALID" | "TIME_INVALID" | "PERIOD_OUTSIDE" | "PERIOD_REVERSED" | "QUANTITY_NEGATIVE" | "PRECISION_EXCEEDED" | "DUPLICATE_RECORD_ID" | "ITEM_UNKNOWN" | "ASSET_UNKNOWN" | "CATEGORY_UNKNOWN" | "TIER_INVALID" | "AMOUNT_MISSING" | "TEXT_TOO_LONG" | "CHARACTER_FORBIDDEN" | "RECORD_UNKNOWN" | "VALUE_CHANGED";
        /** @description How often one thing is wrong. */
        UsageCheckCount: {
            /** @description What is wrong. */
            code: components["schemas"]["UsageCheckCode"];
            /** @description `error`: Connect refuses it. `warning`: it is not known that Connect does. */
            severity: components["schemas"]["UsageCheckSeverity"];
            /** @description How often. */
            count: number;
            /** @description The first row that has it. */
            firstRow: number | null;
        };
        /**
         * @description A part of the check.
         * @enum {string}
         */
        UsageCheckName: "structure" | "values" | "items" | "assets" | "categories";
        /** @description A part of the check. */
        UsageCheckPart: {
            /** @description What was looked at. */
            name: components["schemas"]["UsageCheckName"];
            /** @description `done`: all rows were checked. `skipped`: some or all were not. */
            status: components["schemas"]["UsageCheckStatus"];
            /** @description Why it was skipped, or was not made for all rows. */
            reason: string | null;
        };
        /** @description How many rows there are. */
        UsageCheckRows: {
            /** @description Rows below the header. */
            total: number;
            /** @description Rows without an `error`. */
            valid: number;
            /** @description Rows with at least one `error`, or all rows when a column is missing or unknown. */
            invalid: number;
        };
        /**
         * @description `error` is refused by Connect. `warning` may be refused, or is no fault at all.
         * @enum {string}
         */
        UsageCheckSeverity: "error" | "warning";
        /**
         * @description Whether a part of the check was made.
         * @enum {string}
         */
        UsageCheckStatus: "done" | "skipped";
        /** @description Sums to compare with your own. */
        UsageCheckTotals: {
            /** @description The sum of the amounts; null in the schema `qt`. An exact decimal. */
            amount: string | null;
            /** @description The quantities by item, in the order of the rows: the first 10,000 items. */
            quantityByItem: components["schemas"]["UsageItemTotal"][];
        };
        /** @description The part of an accepted usage file that belongs to one hub. */
        UsageChunk: {
            /** @description Id of the chunk. */
            id: string;
            /** @description Id of the usage file it was cut from. */
            fileId: string | null;
            /** @description Name of that file. */
            fileName: string | null;
            /** @description Which prices a report holds: `qt` none, only quantities; `pr` customer prices; `cr` distributor costs; `tr` a price for every tier. */
            schema: components["schemas"]["UsageSchema"] | null;
            /** @description Where the chunk stands; null when Connect sent a status that this service does not know. */
            status: components["schemas"]["UsageChunkStatus"] | null;
            /** @description Whether its records changed after the workbook was made. */
            outdated: boolean;
            /** @description The hub's own id of the chunk. */
            externalId: string | null;
            /** @description The commerce system it is for. */
            hub: components["schemas"]["Reference"] | null;
            /** @description The hub's id at the provider. */
            hubExternalId: string | null;
            /** @description The marketplace of the file. */
            marketplace: components["schemas"]["IconReference"] | null;
            /** @description Who bills it. */
            provider: components["schemas"]["IconReference"] | null;
            /** @description Why the chunk failed. */
            errorDetail: string | null;
            stats: components["schemas"]["UsageStats"];
            /** @description What happened to the object, oldest first. */
            events: components["schemas"]["UsageEvent"][];
            /** @description What this caller may do with the chunk now, by its status, and the role and scopes of the caller. */
            actions: components["schemas"]["UsageChunkAction"][];
            /** @description Where its workbook is. */
            files: {
                /** @description Path of the chunk's workbook in this API; null while it does not exist. */
                chunk: string | null;
            };
            /** @description When it was made. ISO 8601 in UTC. */
            createdAt: string | null;
        };
        /**
         * @description `update`: updateUsageChunk. `close`: closeUsageChunk. `regenerate`: regenerateUsageChunk.
         * @enum {string}
         */
        UsageChunkAction: "update" | "close" | "regenerate";
        /** @description A page of chunks. */
        UsageChunkPage: {
            /** @description The chunks of this page. */
            items: components["schemas"]["UsageChunk"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /**
         * @description `draft`: Connect makes its workbook. `ready`: the workbook can be read. `closed`: billed. `failed`: it has no workbook.
         * @enum {string}
         */
        UsageChunkStatus: "draft" | "ready" | "closed" | "failed";
        /** @description A column of a workbook of usage. */
        UsageColumn: {
            /** @description The name in the header row. `v.<name>` stands for every name that begins so. */
            name: string;
            /** @description What the values are. A time is in UTC, as `YYYY-MM-DD hh:mm:ss`. */
            type: components["schemas"]["UsageColumnType"];
            /** @description Whether every row must have a value. */
            required: boolean;
            /** @description The most characters that Connect takes; null when no limit is known. */
            maxLength: number | null;
            /** @description The only values, `<…>` for any text; null when there are others. */
            values: string[] | null;
            /** @description What the column is for. */
            description: string;
        };
        /**
         * @description What the values of a column are.
         * @enum {string}
         */
        UsageColumnType: "text" | "number" | "time";
        /** @description The columns that a workbook of usage may have. */
        UsageColumns: {
            /** @description The schema that the columns are for. */
            schema: components["schemas"]["UsageSchema"];
            /** @description The columns, in the usual order. Any order is allowed. */
            columns: components["schemas"]["UsageColumn"][];
        };
        /** @description A product and a contract with which a usage file can be created. */
        UsageContract: {
            /** @description The distribution contract: `contractId` of a new usage file. */
            contract: components["schemas"]["Reference"] | null;
            /** @description The product: `productId` of a new usage file. */
            product: components["schemas"]["IconReference"] | null;
            /** @description Where the product is sold. */
            marketplace: components["schemas"]["IconReference"] | null;
            /** @description Who reports. */
            vendor: components["schemas"]["IconReference"] | null;
            /** @description Who bills. */
            provider: components["schemas"]["IconReference"] | null;
            /** @description When the newest usage file of this product and contract was created; null when no file was created. ISO 8601 in UTC. */
            lastUsedAt: string | null;
            /** @description How this service knows that the product and the contract belong together. */
            source: components["schemas"]["UsageContractSource"];
        };
        /** @description A page of usage contracts. */
        UsageContractPage: {
            /** @description The usage contracts of this page. */
            items: components["schemas"]["UsageContract"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /**
         * @description `listing`: the product is listed on the marketplace. `usage-files`: there are usage files of this product and contract, and no listing that this account may see. Contracts for tests have no listing.
         * @enum {string}
         */
        UsageContractSource: "listing" | "usage-files";
        /** @description What was reported and what is missing, of a product under a contract. */
        UsageCoverage: {
            /** @description The product. */
            product: components["schemas"]["IconReference"] | null;
            /** @description The distribution contract. */
            contract: components["schemas"]["Reference"] | null;
            /** @description Where the product is sold. */
            marketplace: components["schemas"]["IconReference"] | null;
            /** @description How often Connect recommends to report; null when Connect does not show the product's capabilities. */
            cadence: components["schemas"]["UsageCadence"] | null;
            /** @description Of the usage files that are submitted, accepted or closed, the one whose period ends last. */
            lastReport: components["schemas"]["LastUsageReport"] | null;
            /** @description The times that no submitted, accepted or closed usage file covers, in order; none after now. Two periods with at most one second between them have no gap. */
            gaps: components["schemas"]["UsageGap"][];
            /** @description The usage files of this time that cover nothing yet: those that are not submitted (such as `draft` and `invalid`), and rejected ones. */
            pending: components["schemas"]["PendingUsageReport"][];
        };
        /** @description A page of products and contracts. */
        UsageCoveragePage: {
            /** @description The products and contracts of this page. */
            items: components["schemas"]["UsageCoverage"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /**
         * @description A decision on a record.
         * @enum {string}
         */
        UsageDecision: "approved" | "rejected";
        /**
         * @description Kind of the subscriptions in the file.
         * @enum {string}
         */
        UsageEnvironment: "test" | "preview" | "production";
        /** @description One thing that happened to the object. */
        UsageEvent: {
            /** @description What happened: `created`, `uploaded`, `submitted`, `accepted`, `rejected`, `closed`, `deleted`, or another word of Connect. */
            type: string;
            /** @description When it happened. ISO 8601 in UTC. */
            at: string | null;
            /** @description Who did it; null when Connect itself acted, for example by a usage rule. */
            by: components["schemas"]["Reference"] | null;
        };
        /** @description A usage report: its header, where it stands and what may be done with it. */
        UsageFile: {
            /** @description Id of the usage file. */
            id: string;
            /** @description Name of the file. */
            name: string | null;
            /** @description Description of the file. */
            description: string | null;
            /** @description The vendor's own note; null for providers. */
            note: string | null;
            /** @description The vendor's own id of the report. */
            externalId: string | null;
            /** @description Where the file stands; null when Connect sent a status that this service does not know. */
            status: components["schemas"]["UsageFileStatus"] | null;
            /** @description Whether Connect still makes the processed workbook. Null in lists. */
            subStatus: components["schemas"]["UsageFileSubStatus"] | null;
            /** @description Kind of the subscriptions in the file. */
            environment: components["schemas"]["UsageEnvironment"] | null;
            /** @description Which prices a report holds: `qt` none, only quantities; `pr` customer prices; `cr` distributor costs; `tr` a price for every tier. */
            schema: components["schemas"]["UsageSchema"] | null;
            /** @description ISO 4217 code of the amounts; null for quantity reports. */
            currency: string | null;
            /** @description The time that the report covers. */
            period: components["schemas"]["UsagePeriod"] | null;
            /** @description The product used. */
            product: components["schemas"]["IconReference"] | null;
            /** @description The distribution contract. */
            contract: components["schemas"]["Reference"] | null;
            /** @description Where the product was sold. */
            marketplace: components["schemas"]["IconReference"] | null;
            /** @description Who reports. */
            vendor: components["schemas"]["IconReference"] | null;
            /** @description Who bills. */
            provider: components["schemas"]["IconReference"] | null;
            /** @description The provider's word on accepting. */
            acceptanceNote: string | null;
            /** @description The provider's reason for rejecting. */
            rejectionNote: string | null;
            /** @description What is wrong with the workbook as a whole. */
            errorDetail: string | null;
            stats: components["schemas"]["UsageStats"];
            /** @description Records by outcome. Null in lists. */
            records: components["schemas"]["UsageRecordCounts"] | null;
            /** @description What happened to the object, oldest first. */
            events: components["schemas"]["UsageEvent"][];
            /** @description What this caller may do with the file now, by its status, the counters of the file, and the role and the scopes of the caller. Connect decides in the end. */
            actions: components["schemas"]["UsageFileAction"][];
            /** @description Where its workbooks are. Null in lists. */
            files: components["schemas"]["UsageFileWorkbooks"] | null;
            /** @description When it was created. ISO 8601 in UTC. */
            createdAt: string | null;
            /** @description When the last event happened. ISO 8601 in UTC. */
            updatedAt: string | null;
            /** @description Its categories, when `include` asks for them; null when they could not be had, and `warnings` says why. */
            categories?: components["schemas"]["Category"][] | null;
            /** @description Its chunks, when `include` asks for them; null when they could not be had, and `warnings` says why. */
            chunks?: components["schemas"]["UsageChunk"][] | null;
            /** @description Its reconciliations, when `include` asks for them; null when they could not be had, and `warnings` says why. */
            reconciliations?: components["schemas"]["Reconciliation"][] | null;
            /** @description Parts that could not be had, when `include` asks for any. */
            warnings?: components["schemas"]["UsageFileWarning"][];
        };
        /**
         * @description Each action with its operation: `update` (`updateUsageFile`), `upload` (`uploadUsageFile`), `submit` (`submitUsageFile`), `delete` (`deleteUsageFile`), `accept` (`acceptUsageFile`), `reject` (`rejectUsageFile`), `approve-all` (`approveAllUsageRecords`), `reconcile` (`reconcileUsageFile`), `reprocess` (`reprocessUsageFile`), `close-records` (`closeUsageFileRecords`), `close` (`closeUsageFile`).
         * @enum {string}
         */
        UsageFileAction: "update" | "upload" | "submit" | "delete" | "accept" | "reject" | "approve-all" | "reconcile" | "reprocess" | "close-records" | "close";
        /** @description A page of usage files. */
        UsageFilePage: {
            /** @description The usage files of this page. */
            items: components["schemas"]["UsageFile"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /**
         * @description A part of a file that `include` asks for.
         * @enum {string}
         */
        UsageFilePart: "categories" | "chunks" | "reconciliations";
        /**
         * @description `draft`: has no workbook. `uploading`, `uploaded`, `processing`: Connect receives and checks the workbook. `invalid`: the workbook has errors. `ready`: can be submitted. `pending`: waits for the decision of the provider. `accepted`, `rejected`: the provider has decided. `closed`: billed. `deleted`: the vendor deleted it.
         * @enum {string}
         */
        UsageFileStatus: "draft" | "uploading" | "uploaded" | "processing" | "invalid" | "ready" | "pending" | "accepted" | "rejected" | "closed" | "deleted";
        /**
         * @description Whether Connect still makes the processed workbook.
         * @enum {string}
         */
        UsageFileSubStatus: "processing" | "processed";
        /** @description How many usage files are in each status. */
        UsageFileSummary: {
            /** @description Files in all statuses but `deleted`: what the list shows. */
            total: number;
            /** @description Files by status. */
            byStatus: {
                /** @description Files in status draft. */
                draft: number;
                /** @description Files in status uploading. */
                uploading: number;
                /** @description Files in status uploaded. */
                uploaded: number;
                /** @description Files in status processing. */
                processing: number;
                /** @description Files in status invalid. */
                invalid: number;
                /** @description Files in status ready. */
                ready: number;
                /** @description Files in status pending. */
                pending: number;
                /** @description Files in status accepted. */
                accepted: number;
                /** @description Files in status rejected. */
                rejected: number;
                /** @description Files in status closed. */
                closed: number;
                /** @description Files in status deleted. */
                deleted: number;
            };
        };
        /** @description Exact sums over all records of a usage file. */
        UsageFileTotals: {
            /** @description ISO 4217 code of the amounts. */
            currency: string | null;
            /** @description All records of the file. */
            records: number;
            /** @description The records by status, for statuses that have records. */
            byStatus: components["schemas"]["UsageStatusTotal"][];
            /** @description The records by item, in the order of the first record of each. */
            byItem: components["schemas"]["UsageItemSum"][];
        };
        /** @description A part that could not be read. */
        UsageFileWarning: {
            /** @description The part that is missing. */
            part: components["schemas"]["UsageFilePart"];
            /** @description The error code that asking for it alone would have answered. */
            code: string;
            /** @description Why it is missing. */
            message: string;
        };
        /** @description Where its workbooks are. Null in lists. */
        UsageFileWorkbooks: {
            /** @description Path of the uploaded workbook in this API; null when it does not exist. */
            uploaded: string | null;
            /** @description Path of Connect's processed workbook in this API; null when it does not exist. */
            processed: string | null;
            /** @description Path of the reconciliation workbook in this API; null when it does not exist. */
            reconciliation: string | null;
        };
        /** @description A time that no report covers. */
        UsageGap: {
            /** @description The first moment. ISO 8601 in UTC. */
            from: string;
            /** @description The last moment. ISO 8601 in UTC. */
            to: string;
        };
        /** @description What was used. */
        UsageItem: {
            /** @description Id of the item. */
            id: string | null;
            /** @description The vendor's id of the item. */
            localId: string | null;
            /** @description Name of the item. */
            name: string | null;
            /** @description What is counted. */
            unit: string | null;
            /** @description Manufacturer's part number. */
            mpn: string | null;
            /** @description How many decimals the quantities of an item have. */
            precision: components["schemas"]["ItemPrecision"] | null;
            /** @description `reservation`: booked beforehand. `ppu`: paid per use. */
            type: components["schemas"]["ItemType"] | null;
        };
        /** @description The records of one item. */
        UsageItemSum: {
            item: components["schemas"]["UsageItem"];
            /** @description Records of this item. */
            records: number;
            /** @description The sum of the quantities; null where no record has one. A decimal, digit for digit as Connect sent it. A number with an exponent is written out: 1.50E1 is 15.0. */
            quantity: string | null;
            /** @description The sum of the amounts; null where no record has one. A decimal, digit for digit as Connect sent it. A number with an exponent is written out: 1.50E1 is 15.0. */
            amount: string | null;
        };
        /** @description The rows of one item. */
        UsageItemTotal: {
            /** @description The `item_search_value`. */
            item: string;
            /** @description The sum of the quantities. An exact decimal. */
            quantity: string;
            /** @description Rows of the item. */
            rows: number;
        };
        /** @description The value of a custom column. */
        UsageParam: {
            /** @description Name of the column. */
            name: string | null;
            /** @description Its value. */
            value: string | null;
        };
        /** @description The time that the report covers. */
        UsagePeriod: {
            /** @description Begin of the period. ISO 8601 in UTC. */
            from: string | null;
            /** @description End of the period, included. ISO 8601 in UTC. */
            to: string | null;
        };
        /** @description One thing that is wrong in rows of usage. */
        UsageProblem: {
            /** @description The row as a spreadsheet counts: the header is row 1, also in JSON. */
            row: number | null;
            /** @description The name of the column; null for the whole row. */
            column: string | null;
            /** @description The cell, for example `D7`; null in NDJSON and JSON, which have no cells. */
            cell: string | null;
            /** @description The `record_id` of the row. */
            recordId: string | null;
            /** @description What is wrong. */
            code: components["schemas"]["UsageCheckCode"];
            /** @description `error`: Connect refuses it. `warning`: it is not known that Connect does. */
            severity: components["schemas"]["UsageCheckSeverity"];
            /** @description What is wrong, for people. */
            message: string;
            /** @description The value as it came, at most 200 characters of it. */
            value: string | null;
        };
        /** @description One row of a usage file. */
        UsageRecord: {
            /** @description Id of the record. */
            id: string;
            /** @description Id of its usage file. */
            fileId: string | null;
            /** @description Name of its usage file. */
            fileName: string | null;
            /** @description Id of the product. */
            productId: string | null;
            item: components["schemas"]["UsageItem"];
            asset: components["schemas"]["UsageAsset"];
            /** @description Its category. */
            category: components["schemas"]["Reference"] | null;
            /** @description Begin of the usage. ISO 8601 in UTC. */
            startDate: string | null;
            /** @description End of the usage. ISO 8601 in UTC. */
            endDate: string | null;
            /** @description How much was used. A decimal, digit for digit as Connect sent it. A number with an exponent is written out: 1.50E1 is 15.0. */
            quantity: string | null;
            /** @description Price or cost, by the schema. A decimal, digit for digit as Connect sent it. A number with an exponent is written out: 1.50E1 is 15.0. */
            amount: string | null;
            /** @description The tier the amount is for, for schema `tr`. */
            tier: number | null;
            /** @description By what commerce systems multiply the quantity to make it whole. */
            multiplier: number | null;
            /** @description ISO 4217 code of the amount. */
            currency: string | null;
            /** @description Which prices a report holds: `qt` none, only quantities; `pr` customer prices; `cr` distributor costs; `tr` a price for every tier. */
            schema: components["schemas"]["UsageSchema"] | null;
            /** @description Where the record stands; null when Connect sent a status that this service does not know. */
            status: components["schemas"]["UsageRecordStatus"] | null;
            /** @description The billing id it was closed with. */
            externalBillingId: string | null;
            /** @description The billing note it was closed with. */
            externalBillingNote: string | null;
            /** @description When it was closed. ISO 8601 in UTC. */
            closedAt: string | null;
            /** @description Who closed it. */
            closedBy: string | null;
            /** @description Custom columns: the vendor's begin with `v.`, the provider's with `p.`. */
            params: components["schemas"]["UsageParam"][];
            /** @description What is wrong with the row. More than 100 errors are one entry with shortened texts. */
            errors: components["schemas"]["RecordError"][];
        };
        /** @description Records by outcome. Null in lists. */
        UsageRecordCounts: {
            /** @description Valid records. */
            valid: number;
            /** @description Invalid records. */
            invalid: number;
            /** @description Closed records. */
            closed: number;
            /** @description Records that a close of the file would close without a billing id: valid, neither closed nor rejected. Connect counts closed and rejected records as valid too, so this is `valid` minus `closed`, and at most the `stats` of records that are validated, pending or accepted. */
            openRecords: number;
        };
        /** @description A page of usage records. */
        UsageRecordPage: {
            /** @description The usage records of this page. */
            items: components["schemas"]["UsageRecord"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /**
         * @description `valid`, `invalid`: Connect has checked the row. `approved`, `rejected`: the provider has decided. `closed`: billed.
         * @enum {string}
         */
        UsageRecordStatus: "valid" | "invalid" | "approved" | "rejected" | "closed";
        /** @description A report and its usage file. */
        UsageReport: {
            /** @description Your own id of the report. */
            externalId: string;
            /** @description `processing`: Connect is still at work, send the same request again. `invalid`: Connect found errors in the rows. `ready`: may be submitted. `submitted`: waits for the provider. Else what the provider has done. */
            state: components["schemas"]["UsageReportState"];
            file: components["schemas"]["UsageFile"];
            check: components["schemas"]["UsageCheck"];
            /** @description The steps, in their order. With `processing`, those that have not ended are absent. */
            steps: components["schemas"]["UsageReportStepOutcome"][];
        };
        /** @description A form. The field `report` comes before the file. */
        UsageReportForm: {
            /** @description The header as JSON. */
            report: string;
            /**
             * Format: binary
             * @description The workbook (.xlsx), or the rows (.csv, .ndjson, .json). The last part of the form.
             */
            file: string;
        };
        /**
         * @description What a request did about a step.
         * @enum {string}
         */
        UsageReportOutcome: "done" | "kept" | "skipped";
        /** @description The header of a report, and its rows. */
        UsageReportRows: {
            report: components["schemas"]["PublishUsageReport"];
            /** @description The rows, by column name. Numbers may be numbers. */
            rows: components["schemas"]["UsageRow"][];
            /** @description The categories of the file. */
            categories?: components["schemas"]["CategoryRow"][];
        };
        /**
         * @description How far a report has come.
         * @enum {string}
         */
        UsageReportState: "processing" | "invalid" | "ready" | "submitted" | "rejected" | "accepted" | "closed";
        /**
         * @description A step of publishing a report.
         * @enum {string}
         */
        UsageReportStep: "check" | "create" | "upload" | "wait" | "submit";
        /** @description What became of one step. */
        UsageReportStepOutcome: {
            /** @description The step. */
            step: components["schemas"]["UsageReportStep"];
            /** @description `done` by this request; `kept`: Connect showed that it was done before; `skipped`: not wanted, or not possible in this state. */
            outcome: components["schemas"]["UsageReportOutcome"];
        };
        /** @description A row of usage, by column name. */
        UsageRow: {
            [key: string]: string | number | null;
        };
        /** @description Rows of usage. */
        UsageRows: {
            /** @description The rows, by column name. Numbers may be numbers. */
            rows: components["schemas"]["UsageRow"][];
            /** @description The categories of the file. */
            categories?: components["schemas"]["CategoryRow"][];
        };
        /** @description A provider's rule that decides on reported usage without a person. */
        UsageRule: {
            /** @description Id of the rule. */
            id: string;
            /** @description Id of the item it is about; null when it is about all of them. */
            itemId: string | null;
            /** @description Name of that item. */
            itemName: string | null;
            /** @description Id of the product. */
            productId: string;
            /** @description What the rule does with usage that fits it: `accept`, `reject`, or `manual`, which leaves the decision to a person. */
            action: components["schemas"]["UsageRuleAction"] | null;
            /** @description `record`: the rule decides on single records. `file`: it decides on the whole file. */
            scope: components["schemas"]["UsageRuleScope"] | null;
            /** @description The condition, in Connect's language of rules. */
            rule: string | null;
            /** @description Whether Connect uses the rule. */
            status: components["schemas"]["UsageRuleStatus"] | null;
            /** @description When it was made. ISO 8601 in UTC. */
            createdAt: string | null;
            /** @description When it was changed last. ISO 8601 in UTC. */
            updatedAt: string | null;
        };
        /**
         * @description What the rule does with usage that fits it: `accept`, `reject`, or `manual`, which leaves the decision to a person.
         * @enum {string}
         */
        UsageRuleAction: "accept" | "reject" | "manual";
        /** @description A page of usage rules. */
        UsageRulePage: {
            /** @description The usage rules of this page. */
            items: components["schemas"]["UsageRule"][];
            /** @description The number of items on all pages: those that match the filters. */
            total: number;
            /** @description The `limit` of this page. */
            limit: number;
            /** @description The `offset` of this page. */
            offset: number;
        };
        /**
         * @description `record`: the rule decides on single records. `file`: it decides on the whole file.
         * @enum {string}
         */
        UsageRuleScope: "record" | "file";
        /**
         * @description Whether Connect uses the rule.
         * @enum {string}
         */
        UsageRuleStatus: "active" | "deleted";
        /**
         * @description Which prices a report holds: `qt` none, only quantities; `pr` customer prices; `cr` distributor costs; `tr` a price for every tier.
         * @enum {string}
         */
        UsageSchema: "qt" | "pr" | "cr" | "tr";
        /** @description How many records are at each stage now. */
        UsageStats: {
            /** @description Records in the upload. */
            uploaded: number;
            /** @description Records found valid. */
            validated: number;
            /** @description Records waiting for the provider. */
            pending: number;
            /** @description Records approved and not yet closed. */
            accepted: number;
            /** @description Records closed. */
            closed: number;
            /** @description Records closed with a billing id. */
            billed: number;
        };
        /** @description The records in one status. */
        UsageStatusTotal: {
            /** @description The status; null for records with a status that this service does not know. */
            status: components["schemas"]["UsageRecordStatus"] | null;
            /** @description Records in this status. */
            records: number;
            /** @description The sum of the amounts; null where no record has one. A decimal, digit for digit as Connect sent it. A number with an exponent is written out: 1.50E1 is 15.0. */
            amount: string | null;
        };
    };
    responses: {
        /** @description The status of the file forbids the action. Or a request with the same `Idempotency-Key` is still running (`IDEMPOTENCY_IN_FLIGHT`). */
        ActionNotAllowed: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                /** @description With 429, 503 and `IDEMPOTENCY_IN_FLIGHT`: seconds to wait before the next try. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The record was closed with another billing id. Or a request with the same `Idempotency-Key` is still running (`IDEMPOTENCY_IN_FLIGHT`). */
        BillingConflict: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                /** @description With 429, 503 and `IDEMPOTENCY_IN_FLIGHT`: seconds to wait before the next try. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A request with the same `Idempotency-Key` is still running (`IDEMPOTENCY_IN_FLIGHT`). */
        IdempotencyInFlight: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                /** @description With 429, 503 and `IDEMPOTENCY_IN_FLIGHT`: seconds to wait before the next try. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The `Idempotency-Key` was used for another request (`IDEMPOTENCY_MISMATCH`). */
        IdempotencyMismatch: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem. `code` says which; the examples show the most frequent one of each status. */
        Problem: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                /** @description With 429, 503 and `IDEMPOTENCY_IN_FLIGHT`: seconds to wait before the next try. */
                "Retry-After"?: number;
                /** @description With 401: the credentials that are taken, and what is wrong with the one that was sent. */
                "WWW-Authenticate"?: string;
                /** @description With 405: the methods that the address takes. */
                Allow?: string;
                /** @description With 415 of a POST: the media types that the address takes. */
                "Accept-Post"?: string;
                /** @description With 415 of a PATCH: the media types that the address takes. */
                "Accept-Patch"?: string;
                /** @description With 415 of a PUT: the media types that the address takes. */
                Accept?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The rule is deleted. Or a request with the same `Idempotency-Key` is still running (`IDEMPOTENCY_IN_FLIGHT`). */
        ProductsActionNotAllowed: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                /** @description With 429, 503 and `IDEMPOTENCY_IN_FLIGHT`: seconds to wait before the next try. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The rows have errors, which `check` tells, or the file is not a workbook. */
        ProductsRowsInvalid: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Another request for the report is under way, or an earlier one with other rows is still in doubt (`REPORT_IN_FLIGHT`); the file was submitted with other rows, or is for another product or contract (`REPORT_DIFFERS`); or several files have the external id (`REPORT_AMBIGUOUS`). Or a request with the same `Idempotency-Key` is still running (`IDEMPOTENCY_IN_FLIGHT`). */
        ReportInFlight: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                /** @description With 429, 503 and `IDEMPOTENCY_IN_FLIGHT`: seconds to wait before the next try. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The rows have errors, which `check` tells, or the file is not a workbook. Or the `Idempotency-Key` was used for another request (`IDEMPOTENCY_MISMATCH`). */
        RowsInvalid: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The status of the chunk does not allow the action. Or a request with the same `Idempotency-Key` is still running (`IDEMPOTENCY_IN_FLIGHT`). */
        UsageChunksActionNotAllowed: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                /** @description With 429, 503 and `IDEMPOTENCY_IN_FLIGHT`: seconds to wait before the next try. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The rows have errors, which `check` tells, or the file is not a workbook. */
        UsageFilesRowsInvalid: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The record can no longer be decided on. Or a request with the same `Idempotency-Key` is still running (`IDEMPOTENCY_IN_FLIGHT`). */
        UsageRecordsActionNotAllowed: {
            headers: {
                /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                "RateLimit-Policy"?: string;
                /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                RateLimit?: string;
                /** @description Id of the request. */
                "X-Request-Id"?: string;
                /** @description With 429, 503 and `IDEMPOTENCY_IN_FLIGHT`: seconds to wait before the next try. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process is alive. */
            200: {
                headers: {
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Whether the instance takes requests.
                         * @enum {string}
                         */
                        status: "ok" | "draining";
                        /** @description The version of this service. */
                        version: string;
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The instance takes requests. */
            200: {
                headers: {
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Whether the instance takes requests; `unavailable` while its state store does not answer or take writes.
                         * @enum {string}
                         */
                        status: "ok" | "draining" | "unavailable";
                        /**
                         * @description Whether the state store answers and takes writes, as a write of the last second or a trial shows. While it does not, every write is refused, and reads go on.
                         * @enum {string}
                         */
                        store: "ok" | "failing";
                        /**
                         * @description How the last call to Connect ended. It is reported only: another instance would not reach Connect any better.
                         * @enum {string}
                         */
                        connect: "unknown" | "ok" | "failing";
                    };
                };
            };
            /** @description The instance is stopping, or its state store does not answer or take writes. */
            503: {
                headers: {
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Whether the instance takes requests; `unavailable` while its state store does not answer or take writes.
                         * @enum {string}
                         */
                        status: "ok" | "draining" | "unavailable";
                        /**
                         * @description Whether the state store answers and takes writes, as a write of the last second or a trial shows. While it does not, every write is refused, and reads go on.
                         * @enum {string}
                         */
                        store: "ok" | "failing";
                        /**
                         * @description How the last call to Connect ended. It is reported only: another instance would not reach Connect any better.
                         * @enum {string}
                         */
                        connect: "unknown" | "ok" | "failing";
                    };
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listUsageFiles: {
        parameters: {
            query?: {
                /** @description Ids of usage files. Several values, separated by commas, match objects that have one of them. For example `UF-2026-09-1512-0016`. */
                id?: string[];
                /** @description Environments. Several values, separated by commas, match objects that have one of them. For example `test`. */
                environment?: components["schemas"]["UsageEnvironment"][];
                /** @description Schemas. Several values, separated by commas, match objects that have one of them. For example `qt`. */
                schema?: components["schemas"]["UsageSchema"][];
                /** @description Text anywhere in the name, in any case. For example `october`. */
                name?: string;
                /** @description The vendor's own id, exactly. For example `acme-2026-10`. */
                externalId?: string;
                /** @description Ids of products. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545`. */
                productId?: string[];
                /** @description Ids of distribution contracts. Several values, separated by commas, match objects that have one of them. For example `CRD-10000-20000-30000`. */
                contractId?: string[];
                /** @description Ids of marketplaces. Several values, separated by commas, match objects that have one of them. For example `MP-69876`. */
                marketplaceId?: string[];
                /** @description Ids of vendor accounts. Several values, separated by commas, match objects that have one of them. For example `VA-100-200`. */
                vendorId?: string[];
                /** @description Ids of provider accounts. Several values, separated by commas, match objects that have one of them. For example `PA-400-500`. */
                providerId?: string[];
                /** @description Created at or after. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-10-01`. */
                createdAfter?: string;
                /** @description Created before. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-11-01`. */
                createdBefore?: string;
                /** @description Statuses; `deleted` files are listed only when asked for here. Several values, separated by commas, match objects that have one of them. For example `draft`. */
                status?: components["schemas"]["UsageFileStatus"][];
                /** @description The order of the items: fields, separated by commas. `-` before a field means descending. Fields: `id`, `status`, `schema`, `environment`, `createdAt`, `productName`, `contractName`, `marketplaceName`, `vendorName`, `providerName`. For example `-createdAt`. */
                sort?: ("id" | "-id" | "status" | "-status" | "schema" | "-schema" | "environment" | "-environment" | "createdAt" | "-createdAt" | "productName" | "-productName" | "contractName" | "-contractName" | "marketplaceName" | "-marketplaceName" | "vendorName" | "-vendorName" | "providerName" | "-providerName")[];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of usage files; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFilePage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    createUsageFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description The header of the new file; null is the same as absent. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateUsageFile"];
            };
        };
        responses: {
            /** @description The new file, in status `draft`. */
            201: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Path of the new object. */
                    Location?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            409: components["responses"]["IdempotencyInFlight"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    summarizeUsageFiles: {
        parameters: {
            query?: {
                /** @description Ids of usage files. Several values, separated by commas, match objects that have one of them. For example `UF-2026-09-1512-0016`. */
                id?: string[];
                /** @description Environments. Several values, separated by commas, match objects that have one of them. For example `test`. */
                environment?: components["schemas"]["UsageEnvironment"][];
                /** @description Schemas. Several values, separated by commas, match objects that have one of them. For example `qt`. */
                schema?: components["schemas"]["UsageSchema"][];
                /** @description Text anywhere in the name, in any case. For example `october`. */
                name?: string;
                /** @description The vendor's own id, exactly. For example `acme-2026-10`. */
                externalId?: string;
                /** @description Ids of products. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545`. */
                productId?: string[];
                /** @description Ids of distribution contracts. Several values, separated by commas, match objects that have one of them. For example `CRD-10000-20000-30000`. */
                contractId?: string[];
                /** @description Ids of marketplaces. Several values, separated by commas, match objects that have one of them. For example `MP-69876`. */
                marketplaceId?: string[];
                /** @description Ids of vendor accounts. Several values, separated by commas, match objects that have one of them. For example `VA-100-200`. */
                vendorId?: string[];
                /** @description Ids of provider accounts. Several values, separated by commas, match objects that have one of them. For example `PA-400-500`. */
                providerId?: string[];
                /** @description Created at or after. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-10-01`. */
                createdAfter?: string;
                /** @description Created before. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-11-01`. */
                createdBefore?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counts. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFileSummary"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getUsageFile: {
        parameters: {
            query?: {
                /** @description Parts to join in the answer, comma-separated: `categories`, `chunks`, `reconciliations`. For example `chunks`. */
                include?: components["schemas"]["UsageFilePart"][];
            };
            header?: {
                /** @description `wait=20`: the answer comes when Connect no longer works on the object, or as the object is after so many seconds, from 1 to 50 (RFC 7240). On a GET with `If-None-Match` the answer comes as soon as the `ETag` differs. Any other value is ignored. For example `wait=20`. */
                Prefer?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The usage file. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description `wait=N` when the service waited as `Prefer` asked. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteUsageFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file is deleted. */
            204: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            409: components["responses"]["ActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    updateUsageFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        /** @description The fields to change. null removes a value; a field that is absent does not change. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUsageFile"];
            };
        };
        responses: {
            /** @description The file as it is now. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            409: components["responses"]["ActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    submitUsageFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, now `pending` or already decided. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            409: components["responses"]["ActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    acceptUsageFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        /** @description A note on the decision. The whole body may be left out. */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AcceptUsageFile"];
            };
        };
        responses: {
            /** @description The accepted file. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            409: components["responses"]["ActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    rejectUsageFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        /** @description Why the file is rejected. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["RejectUsageFile"];
            };
        };
        responses: {
            /** @description The rejected file. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            409: components["responses"]["ActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    approveAllUsageRecords: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file with its records approved. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            409: components["responses"]["ActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    closeUsageFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The closed file. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            409: components["responses"]["ActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    reprocessUsageFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
                /** @description `wait=20`: the answer comes when Connect no longer works on the object, or as the object is after so many seconds, from 1 to 50 (RFC 7240). On a GET with `If-None-Match` the answer comes as soon as the `ETag` differs. Any other value is ignored. For example `wait=20`. */
                Prefer?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The work has begun. */
            202: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: number;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    /** @description `wait=N` when the service waited as `Prefer` asked. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            409: components["responses"]["ActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    listUsageFileCategories: {
        parameters: {
            query?: {
                /** @description Ids of categories. Several values, separated by commas, match objects that have one of them. For example `compute`. */
                id?: string[];
                /** @description Text anywhere in the name, in any case. For example `comp`. */
                name?: string;
                /** @description The order of the items: fields, separated by commas. `-` before a field means descending. Fields: `name`. For example `-name`. */
                sort?: ("name" | "-name")[];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of categories; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CategoryPage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getUsageFileTotals: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sums. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFileTotals"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listRowErrors: {
        parameters: {
            query?: {
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all errors; `xlsx` gives the uploaded workbook with the cells marked. For example `xlsx`. */
                format?: components["schemas"]["TableForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
                /** @description Connect's codes of errors. Several values, separated by commas, match objects that have one of them. For example `USG_011`. */
                code?: string[];
            };
            header?: never;
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of row errors; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RowErrorPage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    downloadUploadedUsageFile: {
        parameters: {
            query?: {
                /** @description The form of the answer. It goes before `Accept`. Default: `xlsx`. For example `csv`. */
                format?: components["schemas"]["TableForm"];
                /** @description The sheet whose rows the answer holds. Not for XLSX, which holds all sheets. Default: `records`. For example `general`. */
                sheet?: string;
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Numbers stay as they are. Default: `true`. For example `true`. */
                escape?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workbook. In a form of text: the rows of one sheet. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The name to store the file under. */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/json": components["schemas"]["TableRows"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    downloadProcessedUsageFile: {
        parameters: {
            query?: {
                /** @description The form of the answer. It goes before `Accept`. Default: `xlsx`. For example `csv`. */
                format?: components["schemas"]["TableForm"];
                /** @description The sheet whose rows the answer holds. Not for XLSX, which holds all sheets. Default: `records`. For example `general`. */
                sheet?: string;
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Numbers stay as they are. Default: `true`. For example `true`. */
                escape?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workbook. In a form of text: the rows of one sheet. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The name to store the file under. */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/json": components["schemas"]["TableRows"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    downloadReconciliationFile: {
        parameters: {
            query?: {
                /** @description The form of the answer. It goes before `Accept`. Default: `xlsx`. For example `csv`. */
                format?: components["schemas"]["TableForm"];
                /** @description The sheet whose rows the answer holds. Not for XLSX, which holds all sheets. Default: `records`. For example `general`. */
                sheet?: string;
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Numbers stay as they are. Default: `true`. For example `true`. */
                escape?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workbook. In a form of text: the rows of one sheet. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The name to store the file under. */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/json": components["schemas"]["TableRows"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listUsageRecords: {
        parameters: {
            query?: {
                /** @description Ids of usage files. Several values, separated by commas, match objects that have one of them. For example `UF-2026-09-1512-0016`. */
                fileId?: string[];
                /** @description Statuses. Several values, separated by commas, match objects that have one of them. For example `valid`. */
                status?: components["schemas"]["UsageRecordStatus"][];
                /** @description Schemas. Several values, separated by commas, match objects that have one of them. For example `qt`. */
                schema?: components["schemas"]["UsageSchema"][];
                /** @description Ids of subscriptions. Several values, separated by commas, match objects that have one of them. For example `AS-5501-1000-0001`. */
                assetId?: string[];
                /** @description The hub's ids of subscriptions. Several values, separated by commas, match objects that have one of them. For example `2009295`. */
                assetExternalId?: string[];
                /** @description The hub's unique ids of subscriptions. Several values, separated by commas, match objects that have one of them. For example `ff1ed3d6-3c2c-4f5d-8a9c-3a7c6a3a7d11`. */
                assetExternalUid?: string[];
                /** @description Ids of items. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545-0002`. */
                itemId?: string[];
                /** @description Ids of products. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545`. */
                productId?: string[];
                /** @description Ids of hubs. Several values, separated by commas, match objects that have one of them. For example `HB-5603-6213`. */
                hubId?: string[];
                /** @description Usage that began at or after. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-10-01`. */
                startedAfter?: string;
                /** @description Usage that began before. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-11-01`. */
                startedBefore?: string;
                /** @description Usage that ended at or after. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-10-01`. */
                endedAfter?: string;
                /** @description Usage that ended before. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-11-01`. */
                endedBefore?: string;
                /** @description Records created at or after. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-10-01`. */
                createdAfter?: string;
                /** @description Records created before. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-11-01`. */
                createdBefore?: string;
                /** @description The order of the items: fields, separated by commas. `-` before a field means descending. Fields: `createdAt`, `status`, `startDate`. For example `-createdAt`. */
                sort?: ("createdAt" | "-createdAt" | "status" | "-status" | "startDate" | "-startDate")[];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of usage records; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRecordPage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getUsageRecord: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the usage record. */
                recordId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The record. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRecord"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    updateUsageRecord: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the usage record. */
                recordId: string;
            };
            cookie?: never;
        };
        /** @description The decision. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUsageRecord"];
            };
        };
        responses: {
            /** @description The record as it is now. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRecord"];
                };
            };
            409: components["responses"]["UsageRecordsActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    closeUsageRecord: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the usage record. */
                recordId: string;
            };
            cookie?: never;
        };
        /** @description How the usage was billed. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Billing"];
            };
        };
        responses: {
            /** @description The closed record. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRecord"];
                };
            };
            409: components["responses"]["BillingConflict"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    listUsageChunks: {
        parameters: {
            query?: {
                /** @description Ids of chunks. Several values, separated by commas, match objects that have one of them. For example `UFC-2026-09-1512-0016-001`. */
                id?: string[];
                /** @description Ids of usage files. Several values, separated by commas, match objects that have one of them. For example `UF-2026-09-1512-0016`. */
                fileId?: string[];
                /** @description Statuses. Several values, separated by commas, match objects that have one of them. For example `draft`. */
                status?: components["schemas"]["UsageChunkStatus"][];
                /** @description Ids of hubs. Several values, separated by commas, match objects that have one of them. For example `HB-5603-6213`. */
                hubId?: string[];
                /** @description Ids of provider accounts. Several values, separated by commas, match objects that have one of them. For example `PA-400-500`. */
                providerId?: string[];
                /** @description The order of the items: fields, separated by commas. `-` before a field means descending. Fields: `fileId`. For example `-fileId`. */
                sort?: ("fileId" | "-fileId")[];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of chunks; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageChunkPage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getUsageChunk: {
        parameters: {
            query?: never;
            header?: {
                /** @description `wait=20`: the answer comes when Connect no longer works on the object, or as the object is after so many seconds, from 1 to 50 (RFC 7240). On a GET with `If-None-Match` the answer comes as soon as the `ETag` differs. Any other value is ignored. For example `wait=20`. */
                Prefer?: string;
            };
            path: {
                /** @description Id of the chunk. */
                chunkId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The chunk. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description `wait=N` when the service waited as `Prefer` asked. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageChunk"];
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    updateUsageChunk: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the chunk. */
                chunkId: string;
            };
            cookie?: never;
        };
        /** @description The change of the chunk. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUsageChunk"];
            };
        };
        responses: {
            /** @description The chunk as it is now. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageChunk"];
                };
            };
            409: components["responses"]["UsageChunksActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    closeUsageChunk: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the chunk. */
                chunkId: string;
            };
            cookie?: never;
        };
        /** @description How the usage was billed. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Billing"];
            };
        };
        responses: {
            /** @description The closed chunk. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageChunk"];
                };
            };
            409: components["responses"]["UsageChunksActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    regenerateUsageChunk: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
                /** @description `wait=20`: the answer comes when Connect no longer works on the object, or as the object is after so many seconds, from 1 to 50 (RFC 7240). On a GET with `If-None-Match` the answer comes as soon as the `ETag` differs. Any other value is ignored. For example `wait=20`. */
                Prefer?: string;
            };
            path: {
                /** @description Id of the chunk. */
                chunkId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The work has begun. */
            202: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: number;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    /** @description `wait=N` when the service waited as `Prefer` asked. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageChunk"];
                };
            };
            409: components["responses"]["UsageChunksActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    downloadUsageChunk: {
        parameters: {
            query?: {
                /** @description The form of the answer. It goes before `Accept`. Default: `xlsx`. For example `csv`. */
                format?: components["schemas"]["TableForm"];
                /** @description The sheet whose rows the answer holds. Not for XLSX, which holds all sheets. Default: `records`. For example `general`. */
                sheet?: string;
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Numbers stay as they are. Default: `true`. For example `true`. */
                escape?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description Id of the chunk. */
                chunkId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workbook. In a form of text: the rows of one sheet. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The name to store the file under. */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/json": components["schemas"]["TableRows"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listReconciliations: {
        parameters: {
            query?: {
                /** @description Ids of usage files. Several values, separated by commas, match objects that have one of them. For example `UF-2026-09-1512-0016`. */
                fileId?: string[];
                /** @description Ids of chunks. Several values, separated by commas, match objects that have one of them. For example `UFC-2026-09-1512-0016-001`. */
                chunkId?: string[];
                /** @description Ids of provider accounts; reconciliations of whole files have none. Several values, separated by commas, match objects that have one of them. For example `PA-400-500`. */
                providerId?: string[];
                /** @description Ids of hubs. Several values, separated by commas, match objects that have one of them. For example `HB-5603-6213`. */
                hubId?: string[];
                /** @description The order of the items: fields, separated by commas. `-` before a field means descending. Fields: `fileId`, `chunkId`. For example `-fileId`. */
                sort?: ("fileId" | "-fileId" | "chunkId" | "-chunkId")[];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of reconciliations; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReconciliationPage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    createReconciliation: {
        parameters: {
            query?: {
                /** @description The chunk whose records the rows close. Only for rows, and needed there. For example `UFC-2026-09-1512-0016-001`. */
                chunkId?: string;
                /** @description Only for a body of CSV: what separates its cells. Default: found in the first line. For example `;`. */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description Only for a body of CSV: its decimal sign. Default: `point`. With `comma`, a number with a point is 400: it may be a thousand and more. For example `comma`. */
                decimal?: "point" | "comma";
                /** @description Only for a body of CSV: `true` when it was written with a `'` before texts that look like formulas, as this service does. Default: `false`. For example `true`. */
                escape?: "true" | "false";
                /** @description A JSON object of columns and their values, for rows that lack the column. For example `{"item_search_criteria":"item.mpn"}`. */
                defaults?: string;
            };
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
                /** @description `wait=20`: the answer comes when Connect no longer works on the object, or as the object is after so many seconds, from 1 to 50 (RFC 7240). On a GET with `If-None-Match` the answer comes as soon as the `ETag` differs. Any other value is ignored. For example `wait=20`. */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["ReconciliationForm"];
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                "application/octet-stream": string;
                "text/csv": string;
                "application/x-ndjson": string;
                "application/json": components["schemas"]["BillingRows"];
            };
        };
        responses: {
            /** @description Connect has the workbook and is processing it. */
            201: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Path of the new object. */
                    Location?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    /** @description `wait=N` when the service waited as `Prefer` asked. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
            409: components["responses"]["IdempotencyInFlight"];
            422: components["responses"]["RowsInvalid"];
            default: components["responses"]["Problem"];
        };
    };
    getReconciliation: {
        parameters: {
            query?: never;
            header?: {
                /** @description `wait=20`: the answer comes when Connect no longer works on the object, or as the object is after so many seconds, from 1 to 50 (RFC 7240). On a GET with `If-None-Match` the answer comes as soon as the `ETag` differs. Any other value is ignored. For example `wait=20`. */
                Prefer?: string;
            };
            path: {
                /** @description Id of the reconciliation. */
                reconciliationId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The reconciliation. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description `wait=N` when the service waited as `Prefer` asked. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    downloadReconciliationUpload: {
        parameters: {
            query?: {
                /** @description The form of the answer. It goes before `Accept`. Default: `xlsx`. For example `csv`. */
                format?: components["schemas"]["TableForm"];
                /** @description The sheet whose rows the answer holds. Not for XLSX, which holds all sheets. Default: `records`. For example `general`. */
                sheet?: string;
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Numbers stay as they are. Default: `true`. For example `true`. */
                escape?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description Id of the reconciliation. */
                reconciliationId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workbook. In a form of text: the rows of one sheet. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The name to store the file under. */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/json": components["schemas"]["TableRows"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    downloadReconciliationResult: {
        parameters: {
            query?: {
                /** @description The form of the answer. It goes before `Accept`. Default: `xlsx`. For example `csv`. */
                format?: components["schemas"]["TableForm"];
                /** @description The sheet whose rows the answer holds. Not for XLSX, which holds all sheets. Default: `records`. For example `general`. */
                sheet?: string;
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Numbers stay as they are. Default: `true`. For example `true`. */
                escape?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description Id of the reconciliation. */
                reconciliationId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workbook. In a form of text: the rows of one sheet. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The name to store the file under. */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/json": components["schemas"]["TableRows"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listUsageAggregates: {
        parameters: {
            query?: {
                /** @description Ids of subscriptions. Several values, separated by commas, match objects that have one of them. For example `AS-5501-1000-0001`. */
                assetId?: string[];
                /** @description The hub's unique ids of subscriptions. Several values, separated by commas, match objects that have one of them. For example `ff1ed3d6-3c2c-4f5d-8a9c-3a7c6a3a7d11`. */
                assetExternalUid?: string[];
                /** @description Ids of items. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545-0002`. */
                itemId?: string[];
                /** @description The vendor's ids of items. Several values, separated by commas, match objects that have one of them. For example `PRD_276_377_545_0002`. */
                itemLocalId?: string[];
                /** @description Types of items. Several values, separated by commas, match objects that have one of them. For example `reservation`. */
                itemType?: components["schemas"]["ItemType"][];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of aggregates; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageAggregatePage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listAssets: {
        parameters: {
            query?: {
                /** @description Ids of subscriptions. Several values, separated by commas, match objects that have one of them. For example `AS-5501-1000-0001`. */
                id?: string[];
                /** @description Ids of products. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545`. */
                productId?: string[];
                /** @description The hub's id of the subscription, exactly. For example `2009295`. */
                externalId?: string;
                /** @description The hub's unique ids of subscriptions. Several values, separated by commas, match objects that have one of them. For example `ff1ed3d6-3c2c-4f5d-8a9c-3a7c6a3a7d11`. */
                externalUid?: string[];
                /** @description Statuses. Several values, separated by commas, match objects that have one of them. For example `draft`. */
                status?: components["schemas"]["AssetStatus"][];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of subscriptions; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetPage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listAssetUsageAggregates: {
        parameters: {
            query?: {
                /** @description The hub's unique ids of subscriptions. Several values, separated by commas, match objects that have one of them. For example `ff1ed3d6-3c2c-4f5d-8a9c-3a7c6a3a7d11`. */
                assetExternalUid?: string[];
                /** @description Ids of items. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545-0002`. */
                itemId?: string[];
                /** @description The vendor's ids of items. Several values, separated by commas, match objects that have one of them. For example `PRD_276_377_545_0002`. */
                itemLocalId?: string[];
                /** @description Types of items. Several values, separated by commas, match objects that have one of them. For example `reservation`. */
                itemType?: components["schemas"]["ItemType"][];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path: {
                /** @description Id of the subscription. */
                assetId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of aggregates; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageAggregatePage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listProducts: {
        parameters: {
            query?: {
                /** @description Ids of products. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545`. */
                id?: string[];
                /** @description Text anywhere in the name, in any case. For example `cloud`. */
                name?: string;
                /** @description Statuses. Several values, separated by commas, match objects that have one of them. For example `draft`. */
                status?: components["schemas"]["ProductStatus"][];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of products; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductPage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listProductItems: {
        parameters: {
            query?: {
                /** @description Ids of items. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545-0002`. */
                id?: string[];
                /** @description Manufacturer's part numbers. Several values, separated by commas, match objects that have one of them. For example `VM-S`. */
                mpn?: string[];
                /** @description Text anywhere in the name, in any case. For example `cloud`. */
                name?: string;
                /** @description Types of items. Several values, separated by commas, match objects that have one of them. For example `reservation`. */
                type?: components["schemas"]["ItemType"][];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path: {
                /** @description Id of the product. */
                productId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of items; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductItemPage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    downloadUsageTemplate: {
        parameters: {
            query?: {
                /** @description The form of the answer. It goes before `Accept`. Default: `xlsx`. For example `csv`. */
                format?: components["schemas"]["TableForm"];
                /** @description The sheet whose rows the answer holds. Not for XLSX, which holds all sheets. Default: `records`. For example `general`. */
                sheet?: string;
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Numbers stay as they are. Default: `true`. For example `true`. */
                escape?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description Id of the product. */
                productId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The workbook. In a form of text: the rows of one sheet. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The name to store the file under. */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/json": components["schemas"]["TableRows"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getUsageColumns: {
        parameters: {
            query: {
                /** @description The schema of the product. */
                schema: components["schemas"]["UsageSchema"];
            };
            header?: never;
            path: {
                /** @description Id of the product. */
                productId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The columns of the schema. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageColumns"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listUsageRules: {
        parameters: {
            query?: {
                /** @description Ids of rules. Several values, separated by commas, match objects that have one of them. For example `UIR-276-377-001`. */
                id?: string[];
                /** @description Ids of items. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545-0002`. */
                itemId?: string[];
                /** @description Text anywhere in the item's name, in any case. For example `machine`. */
                itemName?: string;
                /** @description Actions. Several values, separated by commas, match objects that have one of them. For example `accept`. */
                action?: components["schemas"]["UsageRuleAction"][];
                /** @description Scopes. Several values, separated by commas, match objects that have one of them. For example `record`. */
                scope?: components["schemas"]["UsageRuleScope"][];
                /** @description Statuses. Several values, separated by commas, match objects that have one of them. For example `active`. */
                status?: components["schemas"]["UsageRuleStatus"][];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path: {
                /** @description Id of the product. */
                productId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of usage rules; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Tag of this answer, for `If-None-Match`. */
                    ETag?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRulePage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            /** @description Nothing changed since the answer with that tag. */
            304: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    createUsageRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the product. */
                productId: string;
            };
            cookie?: never;
        };
        /** @description The new rule. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateUsageRule"];
            };
        };
        responses: {
            /** @description The new rule. */
            201: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Path of the new object. */
                    Location?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRule"];
                };
            };
            409: components["responses"]["IdempotencyInFlight"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    getUsageRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the product. */
                productId: string;
                /** @description Id of the rule. */
                ruleId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRule"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    deleteUsageRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the product. */
                productId: string;
                /** @description Id of the rule. */
                ruleId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule is deleted. */
            204: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            409: components["responses"]["ProductsActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    updateUsageRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the product. */
                productId: string;
                /** @description Id of the rule. */
                ruleId: string;
            };
            cookie?: never;
        };
        /** @description What to change: null clears, what is absent stays. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUsageRule"];
            };
        };
        responses: {
            /** @description The rule as it is now. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRule"];
                };
            };
            409: components["responses"]["ProductsActionNotAllowed"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    listUsageContracts: {
        parameters: {
            query?: {
                /** @description Ids of products. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545`. */
                productId?: string[];
                /** @description Ids of marketplaces. Several values, separated by commas, match objects that have one of them. For example `MP-69876`. */
                marketplaceId?: string[];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of usage contracts; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageContractPage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getUsageCoverage: {
        parameters: {
            query: {
                /** @description The beginning of the time to look at. ISO 8601 date or date-time; without an offset it is UTC. */
                from: string;
                /** @description The end of that time. A date without a time includes the whole day. Default: now. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-10-31`. */
                to?: string;
                /** @description Ids of products. Several values, separated by commas, match objects that have one of them. For example `PRD-276-377-545`. */
                productId?: string[];
                /** @description Ids of distribution contracts. Several values, separated by commas, match objects that have one of them. For example `CRD-10000-20000-30000`. */
                contractId?: string[];
                /** @description The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all items that match. For example `csv`. */
                format?: components["schemas"]["ListForm"];
                /** @description CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`. For example `true`. */
                bom?: "true" | "false";
                /** @description CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that a spreadsheet takes none of them for a formula. Default: `true`. For example `true`. */
                escape?: "true" | "false";
                /** @description The largest number of items in the answer. Not for CSV and NDJSON, which hold all items. For example `20`. */
                limit?: number;
                /** @description The number of items to skip at the beginning of the list. Not for CSV and NDJSON. For example `0`. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of products and contracts; all of them in CSV and NDJSON. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The addresses of the `first`, `prev`, `next` and `last` page (RFC 8288), where these pages exist. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageCoveragePage"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getCaller: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Caller"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    closeUsageRecords: {
        parameters: {
            query?: never;
            header?: {
                /** @description Belongs to this body for 24 hours: the same key with another body is 422. The service keeps no answer here. The same key with the same body runs again, and a record that is closed with its billing id is not closed a second time. It is also safe to repeat the request without a key. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CloseUsageRecords"];
                "application/x-ndjson": string;
            };
        };
        responses: {
            /** @description Every record has an outcome. Streamed: read it to the end. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CloseResult"];
                    "application/x-ndjson": string;
                };
            };
            409: components["responses"]["IdempotencyInFlight"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    closeUsageFileRecords: {
        parameters: {
            query?: never;
            header?: {
                /** @description Belongs to this body for 24 hours: the same key with another body is 422. The service keeps no answer here. The same key with the same body runs again, and a record that is closed with its billing id is not closed a second time. It is also safe to repeat the request without a key. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Billing"];
            };
        };
        responses: {
            /** @description Every record has an outcome. Streamed: read it to the end. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CloseResult"];
                    "application/x-ndjson": string;
                };
            };
            409: components["responses"]["IdempotencyInFlight"];
            422: components["responses"]["IdempotencyMismatch"];
            default: components["responses"]["Problem"];
        };
    };
    checkUsage: {
        parameters: {
            query: {
                /** @description The schema of the product. */
                schema: components["schemas"]["UsageSchema"];
                /** @description Begin of the period of the file. Without both, rows are not compared with a period. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-10-01`. */
                from?: string;
                /** @description End of the period of the file. A date includes the whole day. ISO 8601 date or date-time; without an offset it is UTC. For example `2026-10-31`. */
                to?: string;
                /** @description Only for a body of CSV: what separates its cells. Default: found in the first line. For example `;`. */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description Only for a body of CSV: its decimal sign. Default: `point`. With `comma`, a number with a point is 400: it may be a thousand and more. For example `comma`. */
                decimal?: "point" | "comma";
                /** @description Only for a body of CSV: `true` when it was written with a `'` before texts that look like formulas, as this service does. Default: `false`. For example `true`. */
                escape?: "true" | "false";
                /** @description A JSON object of columns and their values, for rows that lack the column. For example `{"item_search_criteria":"item.mpn"}`. */
                defaults?: string;
                /** @description Only for rows: `true` asks Connect for the subscriptions that the rows name, too. Items are always asked for. Default: `false`. For example `true`. */
                assets?: "true" | "false";
                /** @description The form of the answer. It goes before `Accept`. Default: `json`. `csv` and `ndjson` give all problems; `xlsx` gives the rows as a workbook, with the wrong cells marked. For example `xlsx`. */
                format?: components["schemas"]["TableForm"];
            };
            header?: never;
            path: {
                /** @description Id of the product. */
                productId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["TableFileForm"];
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                "application/octet-stream": string;
                "text/csv": string;
                "application/x-ndjson": string;
                "application/json": components["schemas"]["UsageRows"];
            };
        };
        responses: {
            /** @description What is right and wrong in the rows. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageCheck"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                };
            };
            422: components["responses"]["ProductsRowsInvalid"];
            default: components["responses"]["Problem"];
        };
    };
    checkUsageOfFile: {
        parameters: {
            query?: {
                /** @description Only for a body of CSV: what separates its cells. Default: found in the first line. For example `;`. */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description Only for a body of CSV: its decimal sign. Default: `point`. With `comma`, a number with a point is 400: it may be a thousand and more. For example `comma`. */
                decimal?: "point" | "comma";
                /** @description Only for a body of CSV: `true` when it was written with a `'` before texts that look like formulas, as this service does. Default: `false`. For example `true`. */
                escape?: "true" | "false";
                /** @description A JSON object of columns and their values, for rows that lack the column. For example `{"item_search_criteria":"item.mpn"}`. */
                defaults?: string;
                /** @description Only for rows: `true` asks Connect for the subscriptions that the rows name, too. Items are always asked for. Default: `false`. For example `true`. */
                assets?: "true" | "false";
                /** @description The form of the answer. It goes before `Accept`. Default: `json`. `csv` and `ndjson` give all problems; `xlsx` gives the rows as a workbook, with the wrong cells marked. For example `xlsx`. */
                format?: components["schemas"]["TableForm"];
            };
            header?: never;
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["TableFileForm"];
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                "application/octet-stream": string;
                "text/csv": string;
                "application/x-ndjson": string;
                "application/json": components["schemas"]["UsageRows"];
            };
        };
        responses: {
            /** @description What is right and wrong in the rows. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageCheck"];
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                };
            };
            422: components["responses"]["UsageFilesRowsInvalid"];
            default: components["responses"]["Problem"];
        };
    };
    convertUsage: {
        parameters: {
            query: {
                /** @description The schema of the product. */
                schema: components["schemas"]["UsageSchema"];
                /** @description The form of the answer. It goes before `Accept`. Default: `xlsx`. For example `csv`. */
                format?: components["schemas"]["TableForm"];
                /** @description Only for a body of CSV: what separates its cells. Default: found in the first line. For example `;`. */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description Only for a body of CSV: its decimal sign. Default: `point`. With `comma`, a number with a point is 400: it may be a thousand and more. For example `comma`. */
                decimal?: "point" | "comma";
                /** @description Only for a body of CSV: `true` when it was written with a `'` before texts that look like formulas, as this service does. Default: `false`. For example `true`. */
                escape?: "true" | "false";
                /** @description A JSON object of columns and their values, for rows that lack the column. For example `{"item_search_criteria":"item.mpn"}`. */
                defaults?: string;
                /** @description Only for rows: `report` takes them in spite of errors, where a workbook can hold them. Default: rows with errors are refused with 422 `ROWS_INVALID`. For example `report`. */
                check?: "report";
            };
            header?: never;
            path: {
                /** @description Id of the product. */
                productId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["TableFileForm"];
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                "application/octet-stream": string;
                "text/csv": string;
                "application/x-ndjson": string;
                "application/json": components["schemas"]["UsageRows"];
            };
        };
        responses: {
            /** @description The rows. In a form of text: the rows of one sheet. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description The name to store the file under. */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "text/csv": string;
                    "application/x-ndjson": string;
                    "application/json": components["schemas"]["TableRows"];
                };
            };
            422: components["responses"]["ProductsRowsInvalid"];
            default: components["responses"]["Problem"];
        };
    };
    uploadUsageFile: {
        parameters: {
            query?: {
                /** @description Only for a body of CSV: what separates its cells. Default: found in the first line. For example `;`. */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description Only for a body of CSV: its decimal sign. Default: `point`. With `comma`, a number with a point is 400: it may be a thousand and more. For example `comma`. */
                decimal?: "point" | "comma";
                /** @description Only for a body of CSV: `true` when it was written with a `'` before texts that look like formulas, as this service does. Default: `false`. For example `true`. */
                escape?: "true" | "false";
                /** @description A JSON object of columns and their values, for rows that lack the column. For example `{"item_search_criteria":"item.mpn"}`. */
                defaults?: string;
                /** @description Only for rows: `report` takes them in spite of errors, where a workbook can hold them. Default: rows with errors are refused with 422 `ROWS_INVALID`. For example `report`. */
                check?: "report";
                /** @description Only for rows: `true` asks Connect for the subscriptions that the rows name, too. Items are always asked for. Default: `false`. For example `true`. */
                assets?: "true" | "false";
            };
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
                /** @description `wait=20`: the answer comes when Connect no longer works on the object, or as the object is after so many seconds, from 1 to 50 (RFC 7240). On a GET with `If-None-Match` the answer comes as soon as the `ETag` differs. Any other value is ignored. For example `wait=20`. */
                Prefer?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["TableFileForm"];
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                "application/octet-stream": string;
                "text/csv": string;
                "application/x-ndjson": string;
                "application/json": components["schemas"]["UsageRows"];
            };
        };
        responses: {
            /** @description Connect has the workbook and is processing it. */
            202: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: number;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    /** @description `wait=N` when the service waited as `Prefer` asked. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            409: components["responses"]["ActionNotAllowed"];
            422: components["responses"]["RowsInvalid"];
            default: components["responses"]["Problem"];
        };
    };
    reconcileUsageFile: {
        parameters: {
            query?: {
                /** @description Only for a body of CSV: what separates its cells. Default: found in the first line. For example `;`. */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description Only for a body of CSV: its decimal sign. Default: `point`. With `comma`, a number with a point is 400: it may be a thousand and more. For example `comma`. */
                decimal?: "point" | "comma";
                /** @description Only for a body of CSV: `true` when it was written with a `'` before texts that look like formulas, as this service does. Default: `false`. For example `true`. */
                escape?: "true" | "false";
                /** @description A JSON object of columns and their values, for rows that lack the column. For example `{"item_search_criteria":"item.mpn"}`. */
                defaults?: string;
            };
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
                /** @description `wait=20`: the answer comes when Connect no longer works on the object, or as the object is after so many seconds, from 1 to 50 (RFC 7240). On a GET with `If-None-Match` the answer comes as soon as the `ETag` differs. Any other value is ignored. For example `wait=20`. */
                Prefer?: string;
            };
            path: {
                /** @description Id of the usage file. */
                fileId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["TableFileForm"];
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                "application/octet-stream": string;
                "text/csv": string;
                "application/x-ndjson": string;
                "application/json": components["schemas"]["BillingRows"];
            };
        };
        responses: {
            /** @description Connect has the workbook and is processing it. */
            202: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: number;
                    /** @description The reconciliations of the file: rel="status". */
                    Link?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    /** @description `wait=N` when the service waited as `Prefer` asked. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageFile"];
                };
            };
            409: components["responses"]["ActionNotAllowed"];
            422: components["responses"]["RowsInvalid"];
            default: components["responses"]["Problem"];
        };
    };
    publishUsageReport: {
        parameters: {
            query?: {
                /** @description Only for a body of CSV: what separates its cells. Default: found in the first line. For example `;`. */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description Only for a body of CSV: its decimal sign. Default: `point`. With `comma`, a number with a point is 400: it may be a thousand and more. For example `comma`. */
                decimal?: "point" | "comma";
                /** @description Only for a body of CSV: `true` when it was written with a `'` before texts that look like formulas, as this service does. Default: `false`. For example `true`. */
                escape?: "true" | "false";
                /** @description A JSON object of columns and their values, for rows that lack the column. For example `{"item_search_criteria":"item.mpn"}`. */
                defaults?: string;
                /** @description Only for rows: `true` asks Connect for the subscriptions that the rows name, too. Items are always asked for. Default: `false`. For example `true`. */
                assets?: "true" | "false";
                /** @description `true` submits the file when it is ready; that needs the scope `usage:submit`. Default: `false`. For example `true`. */
                submit?: "true" | "false";
            };
            header?: {
                /** @description Makes it safe to repeat this request. For 24 hours, the same key with the same request gets the answer of the first request. Form: 1 to 255 visible ASCII characters, with or without quotes. Send a new UUID for each change; send the same key when you repeat the request. For example `2c6b0f0e-3f5d-4a55-9f0d-6c1f0e7b9a10`. */
                "Idempotency-Key"?: string;
                /** @description `wait=20`: the answer comes when Connect no longer works on the object, or as the object is after so many seconds, from 1 to 50 (RFC 7240). On a GET with `If-None-Match` the answer comes as soon as the `ETag` differs. Any other value is ignored. For example `wait=20`. */
                Prefer?: string;
            };
            path: {
                /** @description Your own id of the report. One usage file has it. */
                externalId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["UsageReportForm"];
                "application/json": components["schemas"]["UsageReportRows"];
            };
        };
        responses: {
            /** @description The report, and its usage file. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    /** @description `wait=N` when the service waited as `Prefer` asked. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageReport"];
                };
            };
            /** @description Connect is still at work. Send the same request again. */
            202: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    /** @description Seconds after which to look again. */
                    "Retry-After"?: number;
                    /** @description `true` when this is the answer of an earlier request with the same `Idempotency-Key`. */
                    "Idempotency-Replayed"?: string;
                    /** @description `wait=N` when the service waited as `Prefer` asked. */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageReport"];
                };
            };
            409: components["responses"]["ReportInFlight"];
            422: components["responses"]["RowsInvalid"];
            default: components["responses"]["Problem"];
        };
    };
    watchEvents: {
        parameters: {
            query?: {
                /** @description The usage files to watch. Several values, separated by commas, match objects that have one of them. For example `UF-2026-09-1512-0016`. */
                fileId?: string[];
                /** @description The chunks to watch. Several values, separated by commas, match objects that have one of them. For example `UFC-2026-09-1512-0016-001`. */
                chunkId?: string[];
                /** @description The reconciliations to watch. Several values, separated by commas, match objects that have one of them. For example `RCF-2026-09-0041-0024-001`. */
                reconciliationId?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream that does not end by itself. The data of an event is `{ id, status, previousStatus, at }`; `status` is null when Connect does not know the object. */
            200: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    receiveConnectWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the account in the callers file of this service. */
                account: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConnectWebhookCall"];
            };
        };
        responses: {
            /** @description The service looks as soon as it may. */
            204: {
                headers: {
                    /** @description The limit of the caller: `"default";q=600;w=60` is 600 requests in 60 seconds. */
                    "RateLimit-Policy"?: string;
                    /** @description The requests that are left, and the seconds until the limit is whole again: `"default";r=599;t=42`. */
                    RateLimit?: string;
                    /** @description Id of the request. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
}
