/* table.h - aligned columns on a terminal, also with Chinese in them. */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stdio.h>

#define TABLE_COLUMNS 10

struct table;

/* Headings of the columns, NULL after the last. NULL: out of memory. */
struct table *table_create(const char *const headings[]);
void table_destroy(struct table *table); /* NULL is legal */

/* The next cell of the row, copied, made safe for terminals; the row is full after the last column. printf-like. */
__attribute__((format(printf, 2, 3))) void table_cell(struct table *table, const char *format, ...);
/* Leave the rest of the row empty. */
void table_end_row(struct table *table);
unsigned table_rows(const struct table *table);
void table_print(const struct table *table, FILE *out);

/* Columns that a UTF-8 text takes on a terminal. */
unsigned table_width(const char *text);
/* Bytes that could steer a terminal become '?' (also newlines and what is not UTF-8). Returns text. */
char *table_safe(char *text);

#endif
