/* settle.h - what the edges of one line mean: which levels are told, and when the line must be looked at again. Pure:
 * time comes in, all times are CLOCK_BOOTTIME in ms.
 *
 * Debounce (where the kernel has none): a level is told when the line has been quiet for the debounce time and then
 * still shows it; the look decides, not the last edge, so the end state is right also when edges were lost. A line that
 * never rests is looked at after SETTLE_RESTLESS quiet times anyway.
 *
 * Noise: a line has a bucket of SETTLE_BURST changes that refills by SETTLE_PER_SECOND. While it is empty, edges are
 * only counted ("coalesced"), and the line is looked at when the next change may be told: so a noisy line tells at most
 * SETTLE_PER_SECOND changes a second for long, and its end level is told at most 1/SETTLE_PER_SECOND s late.
 *
 * A level that a look found, and not an edge, carries GW_REREAD: it is a state, not a change that was seen. */
#ifndef GPIO_SETTLE_H
#define GPIO_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#define SETTLE_BURST      50
#define SETTLE_PER_SECOND 10
#define SETTLE_RESTLESS   10
#define SETTLE_GRACE_MS   50 /* an edge that is on its way gets this long before a look tells the level instead */
#define SETTLE_NEVER      INT64_MAX

struct settle {
    int64_t debounce;   /* ms, 0: none, or the kernel does it */
    int64_t due;        /* look at the line then; SETTLE_NEVER */
    int64_t pending_at; /* time of the newest edge not yet told */
    int64_t restless;   /* the line has had no quiet time since then; SETTLE_NEVER: it rests */
    int64_t refilled;   /* the bucket was last filled up then */
    int tokens;         /* in the bucket, in thousandths of a change */
    int bounces;        /* edges since the line has been restless */
    int said;           /* level told last, -1: none */
    int pending;        /* level of the newest edge not yet told, -1: none */
    bool blurred;       /* edges were lost or coalesced since the last level was told */
    bool lost;          /* edges may have been lost: the level is told again even if it is the same */
    uint32_t coalesced; /* changes not told, since whoever reads it set it to 0 */
};

/* A level to be told. */
struct settle_level {
    int64_t at;
    int level;
    uint8_t flags; /* 0, GW_INITIAL or GW_REREAD */
};

/* The line was requested just now and shows this level: it is told at once. */
struct settle_level settle_first(struct settle *settle, int64_t debounce, int64_t now, int level);
/* An edge that happened at `at` (<= now). True: tell *out. */
bool settle_edge(struct settle *settle, int64_t now, int64_t at, int level, struct settle_level *out);
/* Edges were, or may have been, lost: the line has to be looked at now. */
void settle_lost(struct settle *settle, int64_t now);
/* The line shows this level now; call it at .due. True: tell *out. */
bool settle_look(struct settle *settle, int64_t now, int level, struct settle_level *out);
/* A look out of turn, to find changes that no edge told of. Never tells by itself, may set .due. */
void settle_check(struct settle *settle, int64_t now, int level);
/* The line is so noisy that its edges need not be read before .due. */
bool settle_muted(const struct settle *settle, int64_t now);

#endif
