/* Raises 100000 conditions in one reading. */

#include "gatewayd/plugin.h"

static struct gw_wake bad_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)reading;
    for (uint64_t i = 1; i <= 100000; i++) {
        const struct gw_condition condition = {.size = sizeof condition, .kind = 0, .episode = i, .since = reading->at};
        host->raise(host, &condition);
    }
    return none;
}

#define FAULT_NAME    "flood"
#define FAULT_READING bad_reading
#include "fault.h"

FAULT_PLUGIN;
