/* gatewayd-mqtt - the MQTT source: sensors at the local broker in, readings to the core out. */
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/channel.h"
#include "worker.h"

int main(void)
{
    channel_worker_start("mqtt");
    cJSON_InitHooks(
        &(cJSON_Hooks){.malloc_fn = channel_worker_memory, .free_fn = free}); /* a press is no bad payload */
    struct worker *worker = worker_create(CHANNEL_FD);
    if (worker == NULL)
        channel_worker_quit("out of memory");
    int status = worker_run(worker);
    worker_destroy(worker);
    return status;
}
