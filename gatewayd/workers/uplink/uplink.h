/* uplink.h - the worker that speaks to one platform: frames of the core on one side, MQTT on the other. */
#ifndef UPLINK_UPLINK_H
#define UPLINK_UPLINK_H

struct uplink;

/* Read the configuration from the core. Ends the process (FAILED, or the core has gone) when there is none to work
 * with; NULL: out of memory. */
struct uplink *uplink_create(void);
/* Say READY and work until the core has gone. */
void uplink_run(struct uplink *uplink);
void uplink_destroy(struct uplink *uplink); /* NULL is legal */

#endif
