/* Makes memory executable, to run what it wrote there. */
#include <sys/mman.h>

#include "gatewayd/plugin.h"

static struct gw_wake bad_reading(void *state, const struct gw_host *host, const struct gw_reading *reading)
{
    const struct gw_wake none = GW_WAKE_NONE_INIT;
    (void)state, (void)host, (void)reading;
    (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return none;
}

#define FAULT_NAME    "exec-memory"
#define FAULT_READING bad_reading
#include "fault.h"

FAULT_PLUGIN;
