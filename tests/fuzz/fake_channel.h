/* fake_channel.h - base/channel.h and base/clock.h played from an input: what the core says to a worker, and when. The
 * worker's frames to the core are checked as the core checks them. Time passes only when the input says so.
 *
 * The input is a list of steps: a byte below 0xf0 is a frame (input_frame follows), another one is a pause. */
#ifndef TESTS_FAKE_CHANNEL_H
#define TESTS_FAKE_CHANNEL_H

#include <setjmp.h>

#include "base/channel.h"
#include "fuzz.h"

#define FAKE_FIRST 64

struct fake {
    struct input in;
    int64_t now;
    unsigned sent[FRAME_TYPES];                 /* frames of the worker, by type */
    void (*adjust)(struct frame *frame);        /* what must not be left to the input: paths; may be NULL */
    void (*idle)(struct input *in);             /* the worker waits: what else may happen; may be NULL */
    void (*on_sent)(const struct frame *frame); /* may be NULL */
    unsigned idles;                             /* how often it waited since the last step */
    unsigned prologue;                          /* of first: how many have come */
    struct frame *first[FAKE_FIRST]; /* frames before the input's; NULL: a pause of a minute, longer until READY */
    unsigned n_first;
    unsigned waited; /* minutes for READY */
    bool exits;      /* a worker that fails or quits ends the process, with its own status */
    jmp_buf end;     /* else it comes here */
    struct frame room;
};

extern struct fake fake;

/* Begin anew with this input. */
void fake_begin(struct input in, void (*adjust)(struct frame *frame), void (*idle)(struct input *in));
/* A frame that comes before those of the input; copied. NULL: a pause, in which all timers run. */
void fake_first(const struct frame *frame);
void fake_end(void);

/* An own folder in memory, made once, removed at the end of the process; its files go with fake_folder_clear. */
const char *fake_folder(void);
void fake_folder_clear(void);

#endif
