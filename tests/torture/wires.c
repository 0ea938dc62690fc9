/* wires.c - lines.h on files instead of a kernel's GPIO chip, for the real worker: the chip is a folder, a line a FIFO
 * of edges in it, beside it NAME.level, one character, '1' or '0'. As with the kernel, edges wait while the worker is
 * busy and are gone when it dies.
 *
 * It also measures: the time from the return of the read that took an edge to its being in the ring, into the file
 * "window" of the chip. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/ring.h"
#include "lines.h"

#define BUCKETS 64

struct line {
    int edges, level;
};

struct wire_edge { /* as rack/wires.py writes it */
    int64_t at_ns;
    int32_t level;
    int32_t reserved;
};

struct window { /* as rack/wires.py reads it; outlives a worker that is killed */
    uint64_t n;
    uint64_t ns_sum, ns_max;
    uint64_t bucket[BUCKETS]; /* by the power of two of the ns */
};

/* The two ends of the measured way share nothing but the process. */
static struct {
    struct window *window;
    int64_t read_ns; /* of the last read that took edges; 0: none */
} measure;

bool __wrap_ring_put(struct ring *ring, struct reading *reading);
bool __real_ring_put(struct ring *ring, struct reading *reading);

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool __wrap_ring_put(struct ring *ring, struct reading *reading)
{
    bool put = __real_ring_put(ring, reading);
    if (put && measure.window && measure.read_ns && reading->type == GW_VALUE && !reading->flags) {
        uint64_t ns = (uint64_t)(now_ns() - measure.read_ns);
        unsigned bucket = 0;
        while (bucket < BUCKETS - 1 && ns >> (bucket + 1))
            bucket++;
        measure.window->n++;
        measure.window->ns_sum += ns;
        measure.window->bucket[bucket]++;
        if (ns > measure.window->ns_max)
            measure.window->ns_max = ns;
    }
    return put;
}

static void open_window(const char *chip)
{
    char path[2 * TEXT_SIZE];
    (void)snprintf(path, sizeof path, "%s/window", chip);
    int fd = measure.window ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof(struct window), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    measure.window = map == MAP_FAILED ? NULL : map;
}

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
    open_window(want->chip);
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
    measure.read_ns = now_ns();
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
