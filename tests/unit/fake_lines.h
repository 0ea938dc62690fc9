/* fake_lines.h - a link-time fake of workers/gpio/lines.h: lines of a table that the test fills and moves. */
#ifndef TESTS_FAKE_LINES_H
#define TESTS_FAKE_LINES_H

#include "lines.h"

#define FAKE_LINES 4
#define FAKE_EDGES 4096

struct fake_line {
    const char *chip, *name;
    enum lines_fault fault; /* of a request */
    bool broken;            /* reading the level or edges, or driving it, fails with ENODEV */
    bool debounced;
    bool maybe_lost; /* told by the next read */
    int level;
    struct lines_edge edge[FAKE_EDGES]; /* waiting, oldest first */
    unsigned n_edges;
    uint32_t seqno; /* of the last edge made; 0: this API does not count */
    bool counts;
    bool held;
    unsigned requests, releases, reads;
    int output_value; /* as requested or set last; -1: requested as an input */
};

/* All zero but the names chip "chip", lines "l0", "l1" ... */
void fake_reset(void);
struct fake_line *fake_line(unsigned i);
/* The line changes: level, and an edge that waits to be read. */
void fake_edge(unsigned i, int64_t at_ms, int level);

#endif
