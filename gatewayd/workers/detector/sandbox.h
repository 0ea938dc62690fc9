/* sandbox.h - what a detector process gives up, in two steps: before the plugin's code is loaded, and after. */
#ifndef DETECTOR_SANDBOX_H
#define DETECTOR_SANDBOX_H

#include <stdint.h>

/* No new privileges, resource limits (heap of memory_mib; 0: 32), every fd beyond 3 closed. -1 with errno. In builds
 * with sanitizers some are left out: their shadow memory needs terabytes of address space, and the search for leaks at
 * the end a thread and a file. */
int sandbox_limit(uint32_t memory_mib);

/* Now everything is loaded: from here on only the system calls on the list, the process is killed at any other. -1 with
 * errno. In builds with sanitizers it does nothing. */
int sandbox_close(void);

#endif
