/* Crashes in open. */
#include "gatewayd/plugin.h"

static int *volatile nowhere;

static int bad_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    (void)state, (void)host, (void)error, (void)error_size;
    *nowhere = 1;
    return 0;
}

#define FAULT_NAME "crash-open"
#define FAULT_OPEN bad_open
#include "fault.h"

FAULT_PLUGIN;
