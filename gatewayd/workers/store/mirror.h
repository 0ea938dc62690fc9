/* mirror.h - a file in /run (memory: no wear; gone after a power cut, not after SIGKILL of everybody) with the newest
 * revision of every alert that is open or due somewhere or was closed lately, the raise of an emergency that was over
 * before anybody accepted it, the cursors, and where the log is. From it they come back when alerts.db was damaged or
 * could not be written. Each record has its checksum; a new revision is written beside the old one, which goes
 * afterwards, so that a kill between leaves one of them. */
#ifndef STORE_MIRROR_H
#define STORE_MIRROR_H

#include <stdbool.h>

#include "base/frame.h"

struct mirror;

/* Where the log is, for a start at which the disk can't be read. */
struct mirror_log {
    uint64_t last_id;
    int64_t last_log;
    struct frame_boot boot; /* boot.boot 0: not known */
    char boot_id[40];
};

/* A file that is not a mirror of this version is begun anew. If the file can't be used the mirror is plain memory and
 * *in_file is false. NULL: out of memory. */
struct mirror *mirror_open(const char *path, bool *in_file);
void mirror_close(struct mirror *mirror); /* the file stays; NULL is legal */

/* pending is added to what the alert's revision before was still due to. False: no room. */
bool mirror_put(struct mirror *mirror, const struct alert *alert, uint32_t pending);
void mirror_forget(struct mirror *mirror, const struct frame_forget *forget);
/* Of what is closed and due nowhere only the newest `keep` stay that are less than keep_ms (log time) older than the
 * newest. For when alerts.db has it all: what it still holds open would come back. */
void mirror_trim(struct mirror *mirror, unsigned keep, int64_t keep_ms);
bool mirror_put_cursor(struct mirror *mirror, const struct frame_cursor *cursor);
void mirror_put_log(struct mirror *mirror, const struct mirror_log *log);

/* Records in no order: *place is 0 at first. False: no more. */
bool mirror_next(const struct mirror *mirror, unsigned *place, struct alert *alert, uint32_t *pending);
bool mirror_next_cursor(const struct mirror *mirror, unsigned *place, struct frame_cursor *cursor);
bool mirror_log(const struct mirror *mirror, struct mirror_log *log);

#endif
