#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "source.h"

#define ERRORS_KEPT  1000u
#define MESSAGE_SIZE 768

struct item {
    unsigned line;
    unsigned order; /* qsort is not stable */
    char *text;
};

struct report {
    const struct source *source;
    struct item items[ERRORS_KEPT];
    unsigned n, more;
};

struct report *report_create(void)
{
    return calloc(1, sizeof(struct report));
}

void report_destroy(struct report *report)
{
    if (!report)
        return;
    for (unsigned i = 0; i < report->n; i++)
        free(report->items[i].text);
    free(report);
}

void report_set_source(struct report *report, const struct source *source)
{
    report->source = source;
}

static bool known(const struct report *report, unsigned line, const char *text)
{
    for (unsigned i = 0; i < report->n; i++)
        if (report->items[i].line == line && strcmp(report->items[i].text, text) == 0)
            return true;
    return false;
}

void report_add(struct report *report, unsigned line, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    text_clean_line(message); /* what it quotes may be rubbish, or cut within a character */
    if (known(report, line, message))
        return;
    char *text = report->n < ERRORS_KEPT ? strdup(message) : NULL;
    if (!text) {
        report->more++;
        return;
    }
    report->items[report->n] = (struct item){line, report->n, text};
    report->n++;
}

unsigned report_count(const struct report *report)
{
    return report->n + report->more;
}

const char *report_where(const struct report *report, unsigned line, char *out, size_t size)
{
    if (line == REPORT_SET) {
        snprintf(out, size, "--set");
        return out;
    }
    unsigned place = line;
    const char *file = report->source ? source_file(report->source, line, &place) : "";
    int length = snprintf(out, size, "%s:%u", file, place);
    const char *slash = strrchr(file, '/');
    if (length >= 0 && (size_t)length >= size && slash)
        snprintf(out, size, "%s:%u", slash + 1, place);
    return out;
}

static int by_line(const void *a, const void *b)
{
    const struct item *left = a, *right = b;
    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

void report_tell(struct report *report, struct config_errors *errors)
{
    qsort(report->items, report->n, sizeof report->items[0], by_line);
    char **text = calloc(report->n ? report->n : 1, sizeof *text);
    *errors = (struct config_errors){.text = text, .capacity = text ? report->n : 0, .more = report->more};
    for (unsigned i = 0; i < report->n; i++) {
        const struct item *item = &report->items[i];
        char where[TEXT_SIZE + 16];
        report_where(report, item->line, where, sizeof where);
        if (!text || asprintf(&text[errors->n], "%s: %s", where, item->text) < 0)
            errors->more++;
        else
            errors->n++;
    }
}

void config_errors_free(struct config_errors *errors)
{
    if (!errors)
        return;
    for (unsigned i = 0; i < errors->n; i++)
        free(errors->text[i]);
    free(errors->text);
    *errors = (struct config_errors){0};
}
