/* wires.c - lines.h on files instead of a kernel's GPIO chip, for the real worker: the chip is a folder, a line a FIFO
 * of edges in it, beside it NAME.level, one character, '1' or '0'. As with the kernel, edges wait while the worker is
 * busy and are gone when it dies. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lines.h"

struct line {
    int edges, level;
};

struct wire_edge { /* as rack/wires.py writes it */
    int64_t at_ns;
    int32_t level;
    int32_t reserved;
};

struct line *lines_request(const struct frame_gpio_line *want, int output_value, enum lines_fault *fault)
{
    char path[2 * TEXT_SIZE];
    struct line *line = calloc(1, sizeof *line);
    *fault = LINES_REFUSED;
    if (!line || output_value >= 0) {
        free(line);
        return NULL;
    }
    (void)snprintf(path, sizeof path, "%s/%s.level", want->chip, want->line);
    line->level = open(path, O_RDONLY | O_CLOEXEC);
    (void)snprintf(path, sizeof path, "%s/%s", want->chip, want->line);
    line->edges = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC); /* a writer of its own: the FIFO never ends */
    if (line->level >= 0 && line->edges >= 0) {
        *fault = LINES_OK;
        return line;
    }
    *fault = errno == ENOENT ? LINES_NO_LINE : LINES_REFUSED;
    lines_release(line);
    return NULL;
}

void lines_release(struct line *line)
{
    if (!line)
        return;
    close(line->edges);
    close(line->level);
    free(line);
}

int lines_fd(const struct line *line)
{
    return line->edges;
}

int lines_level(const struct line *line)
{
    char level = '0';
    if (pread(line->level, &level, 1, 0) != 1)
        return -1;
    return level == '1';
}

int lines_set(const struct line *line, int value)
{
    (void)line;
    (void)value;
    errno = ENODEV;
    return -1;
}

int lines_read(struct line *line, struct lines_edge *edges, bool *maybe_lost)
{
    struct wire_edge wire[LINES_EDGES_PER_READ];
    ssize_t n = read(line->edges, wire, sizeof wire);
    (void)maybe_lost;
    if (n < 0)
        return errno == EAGAIN ? 0 : -1;
    int count = (int)(n / (ssize_t)sizeof wire[0]);
    for (int i = 0; i < count; i++)
        edges[i] = (struct lines_edge){.at_ns = wire[i].at_ns, .level = wire[i].level};
    return count;
}

bool lines_debounced(const struct line *line)
{
    (void)line;
    return true; /* edges are clean: none is waited for */
}

const char *lines_fault_text(enum lines_fault fault)
{
    return fault == LINES_NO_LINE ? "there is no such wire" : "the wire cannot be opened";
}
