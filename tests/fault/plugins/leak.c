/* Takes a mebibyte and more with every reading, and uses it; crashes when there is none left. */
#include <stdlib.h>

#include "gatewayd/plugin.h"

static struct gw_wake bad_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)reading;
    for (int i = 0; i < 64; i++) {
        volatile char *block = malloc(1u << 20); /* volatile: or a compiler leaves both malloc and writing out */
        for (size_t at = 0; at < 1u << 20; at += 4096)
            block[at] = 1;
    }
    return none;
}

#define FAULT_NAME    "leak"
#define FAULT_READING bad_reading
#include "fault.h"

FAULT_PLUGIN;
