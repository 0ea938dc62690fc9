/* open.h - the list of open alerts for the retained topic <root>/open: collected, bounded, most urgent first. */
#ifndef UPLINK_OPEN_H
#define UPLINK_OPEN_H

#include "payload.h"

#define OPEN_BYTES_MAX 65536u /* of the list's JSON: it must not hold up an emergency on a slow link for long */

struct open_list;

struct open_list *open_create(const struct payload_home *home); /* home is borrowed; NULL: out of memory */
void open_destroy(struct open_list *list);                      /* NULL is legal */

void open_begin(struct open_list *list);
/* What does not fit in ALERTS_MAX is counted in "more". */
void open_add(struct open_list *list, const struct alert *alert);
/* The JSON; forgets the alerts. Owned by the caller (free); NULL: out of memory. */
char *open_end(struct open_list *list);

#endif
