/* report.h - gathers the errors of one run by their line in the expanded text, and tells them in that order. */
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

struct report;
struct source;

/* NULL: out of memory. */
struct report *report_create(void);
void report_destroy(struct report *report); /* NULL is legal */

/* The text that lines refer to; not owned, must outlive the report. Until it is set, lines stand alone. */
void report_set_source(struct report *report, const struct source *source);

#define REPORT_SET 0x80000000u /* as a line: not the text's, but of a --set */

/* One error at a line of the expanded text (1 ...). The same message for the same line is kept once. */
__attribute__((format(printf, 3, 4))) void report_add(struct report *report, unsigned line, const char *format, ...);
unsigned report_count(const struct report *report);

/* "file:line" of a line of the expanded text; if it does not fit, with the file's last part only. Returns out. */
const char *report_where(const struct report *report, unsigned line, char *out, size_t size);

/* The errors in the order of the text, as "file:line: message". Errors that did not fit are counted in .more. */
void report_tell(struct report *report, struct config_errors *errors);

#endif
