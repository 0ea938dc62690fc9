/* lines.h - one GPIO line of the kernel, whatever the version of libgpiod. lines_v1.c (1.6) or lines_v2.c (2.x)
 * implements it; each is the only file that includes <gpiod.h> of its version. Tests link a fake.
 *
 * Every line is a request of its own with its own file descriptor: so one line can be released or lost without touching
 * another, and a noisy one fills its own kernel buffer only. */
#ifndef GPIO_LINES_H
#define GPIO_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/frame.h"

struct line; /* a requested line; owned by whoever requested it */

enum lines_fault {
    LINES_OK,
    LINES_NO_CHIP,   /* there is no such chip now */
    LINES_NO_LINE,   /* the chip has no such line */
    LINES_BUSY,      /* another program, or a driver of the kernel, holds it */
    LINES_NO_ACCESS, /* permissions of /dev/gpiochipN */
    LINES_NO_UAPI,   /* this kernel was built without the interface that this libgpiod speaks */
    LINES_REFUSED    /* the kernel says no: errno tells */
};

struct lines_edge {
    int64_t at_ns;  /* CLOCK_MONOTONIC, taken by the kernel */
    uint32_t seqno; /* of this line since its request, from 1, wrapping; 0: this API does not count */
    int level;      /* after the edge: 1 active, 0 not (active_low already applied) */
};

#define LINES_EDGES_PER_READ 64 /* so that one line's backlog does not keep the others waiting */

/* Find the chip by name, label or path, the line by name or offset, and request it: as an input that reports both edges
 * (output_value -1), or as an output with that value. NULL with *fault and errno. */
struct line *lines_request(const struct frame_gpio_line *want, int output_value, enum lines_fault *fault);
void lines_release(struct line *line); /* NULL is legal */

int lines_fd(const struct line *line); /* non-blocking; readable: edges are waiting */
/* Level now, 1 or 0; -1 with errno: the line has gone. */
int lines_level(const struct line *line);
/* 0, or -1 with errno: the line has gone. */
int lines_set(const struct line *line, int value);
/* Take up to LINES_EDGES_PER_READ waiting edges, oldest first. How many, 0: none now; -1 with errno: the line has gone.
 * *maybe_lost is set to true when the kernel's buffer was full and this API can't tell what was dropped. */
int lines_read(struct line *line, struct lines_edge *edges, bool *maybe_lost);
/* The kernel debounces this line: edges are clean already. */
bool lines_debounced(const struct line *line);

const char *lines_fault_text(enum lines_fault fault);

/* ---- for lines_v1.c and lines_v2.c only (lines_find.c) ---- */

struct gpiod_chip;
struct lines_library {
    struct gpiod_chip *(*open)(const char *path); /* NULL with errno */
    void (*close)(struct gpiod_chip *chip);
    bool (*is_labelled)(struct gpiod_chip *chip, const char *label);
};
/* The open chip, by path (has a '/'), name (/dev/<name>) or label (the first that bears it). */
struct gpiod_chip *lines_find_chip(const struct lines_library *library, const char *chip, enum lines_fault *fault);
/* Digits to an offset; -1: it is a name. */
int lines_offset(const char *line);
enum lines_fault lines_fault_of(int error);

#endif
