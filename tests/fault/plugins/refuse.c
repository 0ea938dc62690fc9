/* Refuses its settings. */
#include <string.h>

#include "gatewayd/plugin.h"

static int bad_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    (void)state, (void)host;
    strncpy(error, "this home does not suit me", error_size - 1);
    return -1;
}

#define FAULT_NAME "refuse"
#define FAULT_OPEN bad_open
#include "fault.h"

FAULT_PLUGIN;
