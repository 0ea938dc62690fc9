/* scan.h - the checks that must happen before libconfig sees the text, because it says too little or nothing about
 * them: unclosed quotes and brackets with the place where they began, full-width punctuation, NUL in a text, numbers
 * that it would cut to 32 bits in silence. Line by line, so that the reader of files can stop at "@include". */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct report;

#define SCAN_DEPTH 64 /* brackets in each other; a home needs five */

struct scan {
    struct report *report;
    bool in_comment;       /* between slash-star and star-slash */
    unsigned comment_line; /* where it began */
    unsigned depth;        /* open brackets; beyond SCAN_DEPTH reported once */
    struct {
        char bracket;
        unsigned line;
    } open[SCAN_DEPTH];
    bool broken; /* libconfig would only say "syntax error" somewhere: what was reported is better */
};

/* One line without its newline; `line` is its number in the expanded text. */
void scan_line(struct scan *scan, const char *text, size_t size, unsigned line);
/* After the last line. */
void scan_end(struct scan *scan);

#endif
