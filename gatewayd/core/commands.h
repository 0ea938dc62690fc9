/* commands.h - what the platform orders. Each is decided here and answered; a wrong one changes nothing. */
#ifndef CORE_COMMANDS_H
#define CORE_COMMANDS_H

#include "state.h"

void commands_platform(struct core *core, unsigned uplink, const struct frame_command *command);

/* Answer what was held back until the disk had it; call it when that may have changed. */
void commands_settle(struct core *core);
/* The uplink's process has gone, and with it whoever asked. */
void commands_forget(struct core *core, unsigned uplink);

#endif
