/* gatewayd-mqtt - the MQTT source: sensors at the local broker in, readings to the core out. */
#include "base/channel.h"
#include "worker.h"

int main(void)
{
    channel_worker_start("mqtt");
    struct worker *worker = worker_create(CHANNEL_FD);
    if (worker == NULL)
        channel_worker_quit("out of memory");
    int status = worker_run(worker);
    worker_destroy(worker);
    return status;
}
