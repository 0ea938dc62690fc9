/* Crashes at the first reading. */

#include "gatewayd/plugin.h"

static int *volatile nowhere;

static struct gw_wake bad_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)reading;
    *nowhere = 1;
    return none;
}

#define FAULT_NAME    "crash-reading"
#define FAULT_READING bad_reading
#include "fault.h"

FAULT_PLUGIN;
