/* gatewayd-gpio: kernel GPIO lines to readings, and outputs. Started by gatewayd; see worker.h. */
#include <sys/resource.h>

#include "base/channel.h"
#include "worker.h"

/* A line costs up to two file descriptors; the usual soft limit of 1024 is too low for the most that may be configured.
 */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(void)
{
    channel_worker_start("gpio");
    raise_file_limit();
    struct worker *worker = worker_create();
    int status = worker ? worker_run(worker) : 1;
    worker_destroy(worker);
    return status;
}
