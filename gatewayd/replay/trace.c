#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define BUFFER_SIZE ((size_t)256 * 1024)

struct trace {
    int fd;
    bool end;      /* the file has been read whole */
    bool skipping; /* the rest of a line that is too long */
    size_t from, to;
    uint64_t number;
    int64_t last;
    char text[BUFFER_SIZE + 1];
};

struct trace *trace_open(const char *path, char *error, size_t size)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) < 0) {
        snprintf(error, size, "%s: %s", path, strerror(errno));
    } else if (S_ISDIR(status.st_mode)) {
        snprintf(error, size, "%s is a folder, not a recording", path);
    } else {
        struct trace *trace = calloc(1, sizeof *trace);
        if (trace) {
            trace->fd = fd;
            trace->last = -1;
            return trace;
        }
        snprintf(error, size, "out of memory");
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

void trace_close(struct trace *trace)
{
    if (!trace)
        return;
    close(trace->fd);
    free(trace);
}

/* More text behind what is there. False: reading failed (errno). */
static bool fill(struct trace *trace)
{
    if (trace->from > 0) {
        memmove(trace->text, trace->text + trace->from, trace->to - trace->from);
        trace->to -= trace->from;
        trace->from = 0;
    }
    ssize_t got = 0;
    do {
        got = read(trace->fd, trace->text + trace->to, BUFFER_SIZE - trace->to);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return false;
    trace->end = got == 0;
    trace->to += (size_t)got;
    return true;
}

enum piece { PIECE_LINE, PIECE_LONG, PIECE_END, PIECE_FAILED };

/* One line without its end in [*begin, *begin + *size), where a NUL may be written behind it. */
static enum piece next_piece(struct trace *trace, char **begin, size_t *size)
{
    for (;;) {
        char *start = trace->text + trace->from;
        char *newline = memchr(start, '\n', trace->to - trace->from);
        size_t length = newline ? (size_t)(newline - start) : trace->to - trace->from;
        bool whole = newline || (trace->end && length > 0);
        if (whole || length > TRACE_LINE_MAX) {
            bool was_skipping = trace->skipping;
            trace->skipping = !whole;
            trace->from += length + (newline ? 1 : 0);
            if (!was_skipping) {
                trace->number++;
                *begin = start;
                *size = length;
                return length > TRACE_LINE_MAX ? PIECE_LONG : PIECE_LINE;
            }
            continue;
        }
        if (trace->end)
            return PIECE_END;
        if (!fill(trace))
            return PIECE_FAILED;
    }
}

/* "1203980400" or "1203980400.25" to ms. NULL: fine, else what is wrong. */
static const char *parse_time(const char *text, size_t size, int64_t *wall)
{
    int64_t ms = 0;
    size_t i = 0;
    for (; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
        if (i == 15)
            return "the time is beyond the year 9999";
        ms = ms * 10 + (text[i] - '0');
    }
    if (i == 0)
        return size > 0 && text[0] == '-' ? "the time is before 1970" : "the time is no number of seconds";
    ms *= 1000;
    if (i < size && text[i] == '.') {
        size_t digits = ++i;
        int64_t scale = 100;
        for (; i < size && text[i] >= '0' && text[i] <= '9'; i++, scale /= 10)
            ms += scale * (text[i] - '0');
        if (i == digits)
            return "the time is no number of seconds";
    }
    if (i < size)
        return "the time is no number of seconds";
    *wall = ms;
    return ms > TRACE_WALL_LAST ? "the time is beyond the year 9999" : NULL;
}

static char *trimmed(char *text, char *end)
{
    while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = '\0';
    while (*text == ' ' || *text == '\t')
        text++;
    return text;
}

/* Cut the line at its commas; NULL or what is wrong. */
static const char *cut(char *text, size_t size, struct trace_line *line)
{
    if (memchr(text, '\0', size))
        return "there is a NUL byte in it";
    char *end = text + size;
    char *first = memchr(text, ',', size);
    char *second = first ? memchr(first + 1, ',', (size_t)(end - first - 1)) : NULL;
    if (!second)
        return "it has fewer than three fields: expected time,sensor,value";
    if (memchr(second + 1, ',', (size_t)(end - second - 1)))
        return "it has more than three fields: expected time,sensor,value";
    line->id = trimmed(first + 1, second);
    line->value = trimmed(second + 1, end);
    *first = '\0';
    text = trimmed(text, first);
    const char *why = parse_time(text, strlen(text), &line->wall);
    if (why)
        return text[0] == '"' ? "fields in quotes are not read: write them without" : why;
    if (line->id[0] == '"' || line->value[0] == '"')
        return "fields in quotes are not read: write them without";
    if (!line->id[0])
        return "the sensor is missing";
    return line->value[0] ? NULL : "the value is missing";
}

static bool is_header(const struct trace *trace, const char *text, size_t size)
{
    return trace->number == 1 && size > 0 && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
}

static const char *parse(struct trace *trace, char *text, size_t size, struct trace_line *line)
{
    const char *why = cut(text, size, line);
    if (why)
        return why;
    if (!text_utf8(line->id, strlen(line->id)) || !text_utf8(line->value, strlen(line->value)))
        return "it is no UTF-8";
    if (line->wall < trace->last)
        return "it is earlier than the line before it: sort the recording by time";
    trace->last = line->wall;
    return NULL;
}

enum trace_result trace_next(struct trace *trace, struct trace_line *line)
{
    char *text = NULL;
    size_t size = 0;
    for (;;) {
        enum piece piece = next_piece(trace, &text, &size);
        *line = (struct trace_line){.number = trace->number};
        if (piece == PIECE_END)
            return TRACE_END;
        if (piece == PIECE_FAILED) {
            line->why = strerror(errno);
            return TRACE_FAILED;
        }
        if (piece == PIECE_LONG) {
            line->why = "it is too long";
            return TRACE_BAD;
        }
        if (size > 0 && text[size - 1] == '\r')
            size--;
        if (trace->number == 1 && size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
            text += 3;
            size -= 3;
        }
        if (size == 0 || is_header(trace, text, size))
            continue;
        line->why = parse(trace, text, size, line);
        return line->why ? TRACE_BAD : TRACE_LINE;
    }
}
