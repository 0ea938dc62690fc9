/* lock.h - one gateway per state directory: flock() on the directory itself, so that no stale file can be left behind
 * and the lock ends with the process, however that ends. */
#ifndef DAEMON_LOCK_H
#define DAEMON_LOCK_H

#include <stddef.h>

struct lock;

/* Makes the directory (0750) if it is missing. NULL with the reason in `error` (English, says what to do). */
struct lock *lock_take(const char *directory, char *error, size_t error_size);
void lock_release(struct lock *lock); /* NULL is legal */

#endif
