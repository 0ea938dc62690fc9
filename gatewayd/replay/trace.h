/* trace.h - a recording, line by line: "unix_time_seconds,sensor_id,value", sorted by time. What it reads is hostile:
 * any bytes, any length. Reads ahead by a fixed buffer; the recording is never held whole. */
#ifndef REPLAY_TRACE_H
#define REPLAY_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_LINE_MAX  512                            /* bytes of a line that can be right */
#define TRACE_WALL_LAST (INT64_C(253402300799) * 1000) /* end of the year 9999, ms */

struct trace;

struct trace_line {
    uint64_t number; /* from 1 */
    int64_t wall;    /* ms since 1970, the recording's wall clock */
    char *id;        /* NUL-terminated, valid until the next call */
    char *value;     /* the same */
    const char *why; /* TRACE_BAD: what is wrong, static text */
};

enum trace_result { TRACE_LINE, TRACE_BAD, TRACE_END, TRACE_FAILED };

/* NULL with the reason in error: no such file, a folder, no memory. */
struct trace *trace_open(const char *path, char *error, size_t size);
void trace_close(struct trace *trace); /* NULL is legal */

/* The next line with content; empty ones and a header in the first line are passed over. A line earlier than the one
 * before it is BAD. FAILED: the file can't be read on; line->why says why. */
enum trace_result trace_next(struct trace *trace, struct trace_line *line);

#endif
