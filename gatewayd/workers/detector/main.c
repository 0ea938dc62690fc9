/* gatewayd-detector - runs one plugin in a process of its own. Started by gatewayd (or, with --describe, by whoever
 * wants to know what a plugin declares). */
#include <stdio.h>
#include <string.h>

#include "worker.h"

int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("gatewayd-detector " GATEWAYD_VERSION);
        return 0;
    }
    worker_run(argc == 2 && strcmp(argv[1], "--describe") == 0);
}
