/* window.c - linked into gatewayd-gpio around lines_read and ring_put: how long an edge is in the worker's hands and
 * nowhere else. From before the read that takes it from the kernel to its being in the ring, so a little more than the
 * window in which a SIGKILL loses it. Into the file $GPIO_WINDOW, which outlives the worker. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/ring.h"
#include "lines.h"

#define BUCKETS 64

struct window { /* as wires.py reads it */
    uint64_t n;
    uint64_t ns_sum, ns_max;
    uint64_t bucket[BUCKETS]; /* by the power of two of the ns */
};

/* The two ends of the measured way share nothing but the process. */
static struct {
    struct window *window;
    int64_t read_ns; /* before the last read that took edges; 0: none */
} measure;

bool __wrap_ring_put(struct ring *ring, struct reading *reading);
bool __real_ring_put(struct ring *ring, struct reading *reading);
int __wrap_lines_read(struct line *line, struct lines_edge *edges, bool *maybe_lost);
int __real_lines_read(struct line *line, struct lines_edge *edges, bool *maybe_lost);

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("GPIO_WINDOW");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof(struct window), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    measure.window = map == MAP_FAILED ? NULL : map;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int __wrap_lines_read(struct line *line, struct lines_edge *edges, bool *maybe_lost)
{
    int64_t before = now_ns();
    int n = __real_lines_read(line, edges, maybe_lost);
    if (n > 0)
        measure.read_ns = before;
    return n;
}

bool __wrap_ring_put(struct ring *ring, struct reading *reading)
{
    bool put = __real_ring_put(ring, reading);
    bool edge = reading->type == GW_VALUE && !(reading->flags & (GW_INITIAL | GW_REREAD));
    if (!put || !edge || !measure.window || !measure.read_ns)
        return put;
    uint64_t ns = (uint64_t)(now_ns() - measure.read_ns);
    unsigned bucket = 0;
    while (bucket < BUCKETS - 1 && ns >> (bucket + 1))
        bucket++;
    measure.window->n++;
    measure.window->ns_sum += ns;
    measure.window->bucket[bucket]++;
    if (ns > measure.window->ns_max)
        measure.window->ns_max = ns;
    return put;
}
