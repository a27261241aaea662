/* libxlsxwriter in its mode of constant memory: the same table as rows.js. write-libxlsxwriter <rows> <file> */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

static const char *COLUMNS[] = {
  "record_id", "record_note", "item_search_criteria", "item_search_value", "quantity", "start_time_utc",
  "end_time_utc", "asset_search_criteria", "asset_search_value", "category_id", "amount", "v.invoice_number",
  "v.region", "v.resource_id", "v.meter", "v.order"
};

#define TEXT(column, ...) do { \
  snprintf(text, sizeof text, __VA_ARGS__); \
  worksheet_write_string(sheet, row, column, text, NULL); \
} while (0)

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  long count = atol(argv[1]);
  printf("idle 0\n");
  lxw_workbook_options options = { .constant_memory = LXW_TRUE };
  lxw_workbook *workbook = workbook_new_opt(argv[2], &options);
  lxw_worksheet *sheet = workbook_add_worksheet(workbook, "records");
  char text[64];
  for (int at = 0; at < 16; at++) worksheet_write_string(sheet, 0, at, COLUMNS[at], NULL);
  for (long n = 0; n < count; n++) {
    lxw_row_t row = n + 1;
    long day = 1 + n % 28;
    TEXT(0, "rec-%08ld", n);
    TEXT(1, "Usage of day %02ld", day);
    TEXT(2, "item.mpn");
    TEXT(3, "FB-METER-%02ld", n % 40);
    worksheet_write_number(sheet, row, 4, n % 744 + (n % 100) / 100.0, NULL);
    TEXT(5, "2026-10-%02ld 00:00:00", day);
    TEXT(6, "2026-10-%02ld 23:59:59", day);
    TEXT(7, "asset.id");
    TEXT(8, "AS-5501-1000-%04ld", n % 10000);
    TEXT(9, "category-%ld", n % 5);
    worksheet_write_number(sheet, row, 10, n % 1000 + (n % 10000) / 10000.0, NULL);
    TEXT(11, "INV-2026-10-%06ld", n % 5000);
    TEXT(12, "us-east-1");
    TEXT(13, "vm-%07ld", n * 7919 % 1000003);
    TEXT(14, "hours");
    TEXT(15, "%ld", n);
  }
  lxw_error error = workbook_close(workbook);
  if (error) { fprintf(stderr, "%s\n", lxw_strerror(error)); return 1; }
  printf("done\n");
  fflush(stdout);
  pause();
}
