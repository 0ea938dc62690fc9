/* gatewayd-uplink: alerts to one care platform, its commands back. Started by gatewayd. */
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/channel.h"
#include "uplink.h"

int main(void)
{
    channel_worker_start("uplink");
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = channel_worker_memory, .free_fn = free}); /* no alert without its id */
    struct uplink *uplink = uplink_create();
    if (!uplink)
        return 1;
    uplink_run(uplink);
    uplink_destroy(uplink);
    return 0;
}
