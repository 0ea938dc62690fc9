/* compare.h - the alerts of two settings side by side. They wait in two unnamed files until both are known; in memory
 * there are 24 bytes for each. */
#ifndef REPLAY_COMPARE_H
#define REPLAY_COMPARE_H

#include "alerts.h"
#include "options.h"

struct compare;

struct compare *compare_begin(void);       /* NULL: no memory or no place for the files */
void compare_end(struct compare *compare); /* NULL is legal */
/* The context of side 0 or 1 for alerts_begin, with compare_take. */
void *compare_side(struct compare *compare, unsigned side);
void compare_take(void *side, const struct told *told);
/* "with 30 min: 14 alerts; with 45 min: 3", by kind, and which differ. False: told on stderr. */
bool compare_print(struct compare *compare, const struct replay_options *options);

#endif
