/* gatewayd-store - keeps alerts and history on the disk. Started by gatewayd, talks over fd 3 only. */
#include <signal.h>

#include "base/channel.h"
#include "store.h"

int main(void)
{
    channel_worker_start("store");
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error of write(), handled like a full disk */
    return store_run(CHANNEL_FD);
}
