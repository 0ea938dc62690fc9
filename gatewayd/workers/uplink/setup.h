/* setup.h - the configuration of one uplink as the core sends it. */
#ifndef UPLINK_SETUP_H
#define UPLINK_SETUP_H

#include <stdbool.h>

#include "base/frame.h"

/* Read frames up to CONFIG_END, and check. frame: room to receive. Gives the client an id if it has none. True: *clock
 * was told as well. Ends the process with FAILED where nothing can be done with it, with 0 when the core has gone. */
bool setup_receive(struct frame *frame, struct frame_uplink_config *config, struct frame_clock *clock);

#endif
