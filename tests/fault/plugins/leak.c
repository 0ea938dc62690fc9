/* Takes a mebibyte and more with every reading, and uses it; crashes when there is none left. */
#include <stdlib.h>
#include <string.h>

#include "gatewayd/plugin.h"

static struct gw_wake bad_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)reading;
    for (int i = 0; i < 64; i++)
        memset(malloc(1u << 20), 1, 1u << 20);
    return none;
}

#define FAULT_NAME    "leak"
#define FAULT_READING bad_reading
#include "fault.h"

FAULT_PLUGIN;
