/* lastgood.h - the last accepted configuration, kept in the state directory as one file: every @include is replaced by
 * what it brought in, so that the copy loads alone and is exchanged whole by one rename. */
#ifndef DAEMON_LASTGOOD_H
#define DAEMON_LASTGOOD_H

#include <stdbool.h>
#include <stddef.h>

/* <state_dir>/last-good.conf. Returns out. */
char *lastgood_path(const char *state_dir, char *out, size_t size);

/* Keep what the file at `config` says, with all it includes, as the accepted copy; written only if it differs from the
 * one kept already (spares the SD card). `good` is asked whether the file at the path it is given loads: only then it
 * takes the old one's place. Mode 0600: there are passwords in it. 0, or -1 with the reason in `error`; the old copy is
 * untouched then. */
int lastgood_store(const char *state_dir, const char *config, bool (*good)(void *context, const char *path),
                   void *context, char *error, size_t error_size);

#endif
