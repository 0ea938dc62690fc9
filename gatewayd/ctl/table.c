#include "ctl/table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct table {
    unsigned columns, cells; /* cells: in all rows, without the headings */
    unsigned capacity;
    char **cell; /* owned; the headings first */
    unsigned width[TABLE_COLUMNS];
};

/* One character of valid UTF-8; its length in *n. */
static uint32_t decode(const char *text, size_t *n)
{
    const unsigned char *c = (const unsigned char *)text;
    *n = c[0] < 0x80 ? 1 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    uint32_t value = *n == 1 ? c[0] : c[0] & (0x7fu >> *n);
    for (size_t i = 1; i < *n; i++)
        value = value << 6 | (c[i] & 0x3fu);
    return value;
}

/* East Asian wide and full-width characters, and marks that take no place. Our own small table: wcwidth() needs a
 * UTF-8 locale, which a gateway seldom has. */
static unsigned columns_of(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},
                {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200d) || c == 0xfe0f)
        return 0;
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (c >= wide[i].first && c <= wide[i].last)
            return 2;
    return 1;
}

unsigned table_width(const char *text)
{
    unsigned width = 0;
    size_t n = 0;
    for (; *text; text += n)
        width += columns_of(decode(text, &n));
    return width;
}

static size_t character(const char *text)
{
    for (size_t n = 1; n <= 4; n++) {
        if (text_utf8(text, n))
            return n;
        if (!text[n])
            break;
    }
    return 0;
}

/* Also: 8-bit control characters, and marks that turn the direction of writing. */
static bool steers(const char *text, size_t n)
{
    if (n == 1)
        return (unsigned char)text[0] < 0x20 || text[0] == 0x7f;
    size_t length = 0;
    uint32_t c = decode(text, &length);
    return c < 0xa0 || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

char *table_safe(char *text)
{
    for (size_t i = 0; text[i];) {
        size_t n = character(text + i);
        if (n == 0 || steers(text + i, n)) {
            size_t bad = n ? n : 1;
            memset(text + i, '?', bad);
            i += bad;
        } else {
            i += n;
        }
    }
    return text;
}

static void add(struct table *table, char *text)
{
    unsigned at = table->columns + table->cells;
    if (at >= table->capacity) {
        unsigned capacity = table->capacity ? table->capacity * 2 : 64;
        char **cell = realloc(table->cell, capacity * sizeof *cell);
        if (!cell) {
            free(text);
            return;
        }
        table->cell = cell;
        table->capacity = capacity;
    }
    table->cell[at] = text;
    unsigned column = table->cells++ % table->columns;
    unsigned width = text ? table_width(text) : 0;
    if (width > table->width[column])
        table->width[column] = width;
}

struct table *table_create(const char *const headings[])
{
    struct table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    while (headings[table->columns] && table->columns < TABLE_COLUMNS)
        table->columns++;
    table->capacity = 64;
    table->cell = calloc(table->capacity, sizeof *table->cell);
    if (!table->cell) {
        free(table);
        return NULL;
    }
    for (unsigned i = 0; i < table->columns; i++) {
        table->cell[i] = strdup(headings[i]);
        table->width[i] = table_width(headings[i]);
    }
    return table;
}

void table_destroy(struct table *table)
{
    if (!table)
        return;
    for (unsigned i = 0; i < table->columns + table->cells; i++)
        free(table->cell[i]);
    free(table->cell);
    free(table);
}

void table_cell(struct table *table, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    add(table, strdup(table_safe(text)));
}

void table_end_row(struct table *table)
{
    while (table->cells % table->columns)
        add(table, NULL);
}

unsigned table_rows(const struct table *table)
{
    return table->cells / table->columns;
}

static void print_row(const struct table *table, char *const *row, FILE *out)
{
    unsigned last = table->columns; /* no blanks at the end of a line */
    while (last && (!row[last - 1] || !row[last - 1][0]))
        last--;
    for (unsigned i = 0; i < last; i++) {
        const char *text = row[i] ? row[i] : "";
        fputs(text, out);
        if (i + 1 < last)
            fprintf(out, "%*s", (int)(table->width[i] - table_width(text) + 2), "");
    }
    fputc('\n', out);
}

void table_print(const struct table *table, FILE *out)
{
    for (unsigned i = 0; i <= table_rows(table); i++)
        print_row(table, table->cell + (size_t)i * table->columns, out);
}
