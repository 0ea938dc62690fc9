/* points.h - failure points: calls that may fail are counted, and the n-th is made to. A sweep counts n up until the
 * operation goes through without one. Linked into programs of their own with --wrap (wrap_*.c): the product knows
 * nothing of it. */
#ifndef TESTS_SWEEP_POINTS_H
#define TESTS_SWEEP_POINTS_H

#include <stdbool.h>

/* How much of a sweep is done when nobody asks for all: see README.md. */
#define POINTS_ALL "GATEWAYD_SWEEP"

enum point { POINT_MEMORY = 1, POINT_FILE = 2, POINT_LIBRARY_MEMORY = 4, POINT_LIBRARY_FILE = 8 };

/* From now on the n-th point (from 1) of these kinds fails; `all`: and every one after it. */
void points_arm(unsigned kinds, unsigned n, bool all);
/* No point fails any more. True: one did. */
bool points_disarm(void);
/* A point of this kind is passed. True: fail here. */
bool points_fail(enum point kind);
/* n, or further on by a step of about `step` unless every point is wanted. The first 32 are never left out. */
unsigned points_next(unsigned n, unsigned step);

#endif
