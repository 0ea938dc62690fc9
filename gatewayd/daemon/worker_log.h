/* worker_log.h - a worker's stderr, byte by byte, to lines of the gateway's log with the worker's name before them.
 * What comes is hostile: lines are cut, made printable and rate limited, each per worker. */
#ifndef DAEMON_WORKER_LOG_H
#define DAEMON_WORKER_LOG_H

#include <stddef.h>
#include <stdint.h>

#define WORKER_LOG_LINE   1000  /* bytes of a line that are kept */
#define WORKER_LOG_BURST  100   /* lines ... */
#define WORKER_LOG_WINDOW 10000 /* ... in so many ms */

struct worker_log;

/* Takes a level (syslog numbers) and a line without its newline. */
typedef void (*worker_log_sink)(void *context, int level, const char *line);

/* NULL: out of memory. */
struct worker_log *worker_log_create(const char *name, worker_log_sink sink, void *context);
void worker_log_destroy(struct worker_log *log); /* NULL is legal */

/* Bytes as they came, at `now` (ms, any clock that does not go back). A level is read from "<N>" at a line's start,
 * else it is a notice: libraries write to stderr too. */
void worker_log_feed(struct worker_log *log, int64_t now, const char *data, size_t size);
/* The worker has gone: tell an unfinished line and how many were dropped. */
void worker_log_end(struct worker_log *log, int64_t now);

#endif
