#include "daemon/worker_log.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"

struct worker_log {
    char name[TEXT_SIZE];
    worker_log_sink sink;
    void *context;
    char line[WORKER_LOG_LINE + 1];
    size_t length;
    bool cut;       /* the line went on beyond what is kept */
    int64_t window; /* its begin */
    unsigned lines; /* told in this window */
    unsigned long dropped;
};

struct worker_log *worker_log_create(const char *name, worker_log_sink sink, void *context)
{
    struct worker_log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    text_copy(log->name, sizeof log->name, name);
    log->sink = sink;
    log->context = context;
    log->window = INT64_MIN / 2;
    return log;
}

void worker_log_destroy(struct worker_log *log)
{
    free(log);
}

/* Length of the well-formed UTF-8 character at text, 0 if there is none. */
static size_t character(const char *text, size_t size)
{
    for (size_t n = 1; n <= 4 && n <= size; n++)
        if (text_utf8(text, n))
            return n;
    return 0;
}

static void make_printable(char *line, size_t size)
{
    size_t i = 0;
    while (i < size) {
        size_t n = character(line + i, size - i);
        unsigned char c = (unsigned char)line[i];
        bool c1 = n == 2 && c == 0xc2 && (unsigned char)line[i + 1] < 0xa0;
        if (n == 0 || c < 0x20 || c == 0x7f)
            line[i++] = c == '\t' ? ' ' : '?';
        else if (c1) /* control characters of 8-bit terminals */
            line[i++] = '?', line[i++] = '?';
        else
            i += n;
    }
}

static void tell(struct worker_log *log, int level, const char *text)
{
    char out[sizeof log->name + WORKER_LOG_LINE + 16];
    snprintf(out, sizeof out, "%s: %s", log->name, text);
    log->sink(log->context, level, out);
}

static void tell_dropped(struct worker_log *log)
{
    if (!log->dropped)
        return;
    char text[80];
    snprintf(text, sizeof text, "%lu lines were dropped", log->dropped);
    log->dropped = 0;
    tell(log, LOG_LEVEL_WARNING, text);
}

static bool may_tell(struct worker_log *log, int64_t now)
{
    if (now - log->window >= WORKER_LOG_WINDOW) {
        tell_dropped(log);
        log->window = now;
        log->lines = 0;
    }
    if (log->lines < WORKER_LOG_BURST) {
        log->lines++;
        return true;
    }
    if (!log->dropped)
        tell(log, LOG_LEVEL_WARNING, "writes too much: lines are dropped for the rest of 10 s");
    log->dropped++;
    return false;
}

static void end_line(struct worker_log *log, int64_t now)
{
    char *text = log->line;
    size_t length = log->length;
    bool cut = log->cut;
    log->length = 0;
    log->cut = false;
    int level = LOG_LEVEL_NOTICE;
    if (length >= 3 && text[0] == '<' && text[1] >= '0' && text[1] <= '7' && text[2] == '>') {
        level = text[1] - '0';
        text += 3;
        length -= 3;
    }
    while (length && (text[length - 1] == '\r' || text[length - 1] == ' '))
        length--;
    if (!length || !may_tell(log, now))
        return;
    if (cut && length > 4)
        memcpy(text + length - 4, " ...", 4); /* before the check: it may fall into a character */
    make_printable(text, length);
    text[length] = '\0';
    /* A worker does not speak for the system: its worst is an error. */
    tell(log, level < LOG_LEVEL_ERROR ? LOG_LEVEL_ERROR : level, text);
}

void worker_log_feed(struct worker_log *log, int64_t now, const char *data, size_t size)
{
    while (size) {
        const char *newline = memchr(data, '\n', size);
        size_t n = newline ? (size_t)(newline - data) : size;
        size_t room = WORKER_LOG_LINE - log->length;
        size_t kept = n < room ? n : room;
        memcpy(log->line + log->length, data, kept);
        log->length += kept;
        log->cut = log->cut || kept < n;
        if (!newline)
            return;
        end_line(log, now);
        data += n + 1;
        size -= n + 1;
    }
}

void worker_log_end(struct worker_log *log, int64_t now)
{
    if (log->length)
        end_line(log, now);
    tell_dropped(log);
}
