/* Starts processes. */
#include <unistd.h>

#include "gatewayd/plugin.h"

static struct gw_wake bad_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)reading;
    (void)fork();
    return none;
}

#define FAULT_NAME    "fork-bomb"
#define FAULT_READING bad_reading
#include "fault.h"

FAULT_PLUGIN;
