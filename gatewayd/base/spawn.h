/* spawn.h - start one of our own executables with a socket pair on fd 3 and its stderr in a pipe. */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include <sys/types.h>

struct spawned {
    pid_t pid;
    int channel; /* our end, non-blocking, close-on-exec; the caller closes it */
    int log; /* read end of its stderr, non-blocking, close-on-exec; the caller closes it; -1 if stderr is inherited */
};

enum spawn_stderr { SPAWN_STDERR_PIPE, SPAWN_STDERR_INHERIT };

/* argv[0] is the path. The child has fd 0 and 1 on /dev/null, 2 as said, 3 its channel, nothing else; default signals,
 * empty mask, nice value raised by `nice_by`, and (if timezone is not NULL) TZ in its environment. Never waits for the
 * child. 0, or -1 with errno (then nothing is left open). */
int spawn_worker(char *const argv[], int nice_by, const char *timezone, enum spawn_stderr how, struct spawned *out);

/* Ask for short time slices for the calling process and what it executes: woken with little to do it comes before what
 * has run for long, at the same share of the processor. Linux 6.12 and later; others ignore it, and nothing depends on
 * it. */
void spawn_prompt(void);

/* "exit code 3", "killed by signal 11 (Segmentation fault)" from a wait status. Returns out. */
char *spawn_cause(int wait_status, char *out, unsigned size);

#endif
