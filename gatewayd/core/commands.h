/* commands.h - what the platform orders. Each is decided here and answered; a wrong one changes nothing. */
#ifndef CORE_COMMANDS_H
#define CORE_COMMANDS_H

#include "state.h"

void commands_platform(struct core *core, unsigned uplink, const struct frame_command *command);

#endif
