/* aside.h - setting a damaged database aside: its files get a name with the date and stay for whoever wants to look. */
#ifndef STORE_ASIDE_H
#define STORE_ASIDE_H

#include <stddef.h>

#define ASIDE_KEEP 3 /* set-aside files per database; older ones are deleted */

/* Rename <path>, <path>-wal and <path>-shm to <path>.<why>-YYYYMMDD-HHMMSS(-wal, -shm), in UTC, and delete the oldest
 * of what was set aside before. name: the new file's name without the directory. 0, or -1 with errno: it can't be
 * renamed (nothing is changed then). */
int aside_set(const char *path, const char *why, char *name, size_t size);

#endif
