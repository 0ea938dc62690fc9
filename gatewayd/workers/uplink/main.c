/* gatewayd-uplink: alerts to one care platform, its commands back. Started by gatewayd. */
#include "base/channel.h"
#include "uplink.h"

int main(void)
{
    channel_worker_start("uplink");
    struct uplink *uplink = uplink_create();
    if (!uplink)
        return 1;
    uplink_run(uplink);
    uplink_destroy(uplink);
    return 0;
}
