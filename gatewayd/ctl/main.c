/* gatewayctl - the technician's view of a running gateway. */
#include <signal.h>

#include "ctl/args.h"
#include "ctl/ctl.h"

int main(int argc, char **argv)
{
    struct args args;
    enum args_result parsed = args_parse(&args, argc, argv, stdout, stderr);
    if (parsed != ARGS_RUN)
        return parsed == ARGS_DONE ? CTL_OK : CTL_USAGE;
    struct ctl *ctl = ctl_create(&args, stdout, stderr);
    if (!ctl)
        return CTL_REFUSED;
    int status = ctl_run(ctl);
    ctl_destroy(ctl);
    return status;
}
