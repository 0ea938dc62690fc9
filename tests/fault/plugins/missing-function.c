/* Calls a function that nobody has. */
#include "gatewayd/plugin.h"

int function_that_nobody_has(void);

static int bad_open(void *state, const struct gw_host *host, char *error, size_t error_size)
{
    (void)state, (void)host, (void)error, (void)error_size;
    return function_that_nobody_has();
}

#define FAULT_NAME "missing-function"
#define FAULT_OPEN bad_open
#include "fault.h"

FAULT_PLUGIN;
