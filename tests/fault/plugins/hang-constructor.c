/* Hangs while it is loaded, before anybody can look at its table. */
#include "gatewayd/plugin.h"

__attribute__((constructor)) static void hang(void)
{
    for (volatile int i = 0;; i = i + 1) {
    }
}

#define FAULT_NAME "hang-constructor"
#include "fault.h"

FAULT_PLUGIN;
