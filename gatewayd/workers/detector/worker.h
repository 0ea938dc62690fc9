/* worker.h - the detector process: one channel, one plugin, one poll. */
#ifndef DETECTOR_WORKER_H
#define DETECTOR_WORKER_H

/* Does everything on fd 3 and ends with the process. describe: tell the plugin's table only. Exit status 0: the core
 * has gone, or told all; 78: FAILED was said. */
__attribute__((noreturn)) void worker_run(int describe);

#endif
