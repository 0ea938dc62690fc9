#include "mirror.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"

#define ALERT_SLOTS  (ALERTS_MAX + 128) /* some of them closed, or raises that are kept beside */
#define CURSOR_SLOTS (2 * DETECTORS_MAX)

struct alert_slot {
    uint64_t sum;
    uint64_t pending;
    struct alert alert;
};

struct cursor_slot {
    uint64_t sum;
    struct frame_cursor cursor;
};

struct log_slot {
    uint64_t sum;
    uint64_t turn; /* the higher one is the newer */
    struct mirror_log log;
};

struct head {
    char magic[8];
    uint32_t version; /* FRAME_VERSION: the records are its structs */
    uint32_t size;
};

/* Alerts come last and are found by `used`, so that only slots that ever were in use take memory. */
struct file {
    struct head head;
    struct log_slot log[2]; /* written in turn */
    uint8_t used[ALERT_SLOTS];
    struct cursor_slot cursor[CURSOR_SLOTS];
    struct alert_slot alert[ALERT_SLOTS];
};

struct mirror {
    struct file *file;
    int fd; /* -1: plain memory */
    uint64_t log_turn;
};

static const struct head HEAD = {"gwmirror", FRAME_VERSION, sizeof(struct file)};

static uint64_t alert_sum(const struct alert *alert, uint64_t pending)
{
    return hash_words(hash_u64(HASH_START, pending), alert, sizeof *alert);
}

static uint64_t cursor_sum(const struct cursor_slot *slot)
{
    return hash_words(HASH_START, &slot->cursor, sizeof slot->cursor);
}

static uint64_t log_sum(const struct log_slot *slot)
{
    return hash_words(hash_u64(HASH_START, slot->turn), &slot->log, sizeof slot->log);
}

static bool alert_good(const struct alert_slot *slot)
{
    return slot->sum == alert_sum(&slot->alert, slot->pending) && alert_valid(&slot->alert);
}

static bool cursor_good(const struct cursor_slot *slot)
{
    return slot->cursor.detector[0] != '\0' && slot->sum == cursor_sum(slot) &&
           text_valid(slot->cursor.detector, sizeof slot->cursor.detector) && slot->cursor.until >= 0 &&
           time_in_limits(slot->cursor.until) && slot->cursor.reading <= ID_LIMIT;
}

/* An emergency is told until it is accepted, its end but once: while only that is newer, nobody need have heard of the
 * emergency. Whatever else comes after the raise either asks for acceptance itself or is a person's word. */
static bool still_to_be_told(const struct alert *raise, uint64_t pending, const struct alert *newer)
{
    return raise->class_ == GW_EMERGENCY && raise->state == ALERT_RAISED && pending && raise->rev < newer->rev &&
           newer->state == ALERT_CLEARED && !(newer->flags & ALERT_ACKED);
}

/* Of two records of one alert. */
static bool gives_way(const struct alert_slot *slot, const struct alert *to)
{
    return slot->alert.rev < to->rev && !still_to_be_told(&slot->alert, slot->pending, to);
}

/* Torn records, and the older of two of one alert (a kill came between), are free again. */
static void clean(struct file *file)
{
    for (unsigned i = 0; i < ALERT_SLOTS; i++) {
        if (file->used[i] && !alert_good(&file->alert[i]))
            file->used[i] = 0;
    }
    for (unsigned i = 0; i < ALERT_SLOTS; i++) {
        for (unsigned k = i + 1; file->used[i] && k < ALERT_SLOTS; k++) {
            const struct alert_slot *a = &file->alert[i], *b = &file->alert[k];
            if (!file->used[k] || a->alert.id != b->alert.id)
                continue;
            if (gives_way(a, &b->alert))
                file->used[i] = 0;
            else if (gives_way(b, &a->alert) || a->alert.rev == b->alert.rev)
                file->used[k] = 0;
        }
    }
}

/* A write into a hole of a full tmpfs would be SIGBUS: its memory is asked for first. */
static bool reserve(const struct mirror *mirror, size_t offset, size_t size)
{
    return mirror->fd < 0 || posix_fallocate(mirror->fd, (off_t)offset, (off_t)size) == 0;
}

static bool map_file(struct mirror *mirror, const char *path)
{
    mirror->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (mirror->fd < 0)
        return false;
    struct stat info;
    bool good = fstat(mirror->fd, &info) == 0;
    if (good && info.st_size != (off_t)sizeof(struct file))
        good = ftruncate(mirror->fd, 0) == 0 && ftruncate(mirror->fd, (off_t)sizeof(struct file)) == 0;
    good = good && reserve(mirror, 0, offsetof(struct file, alert));
    void *map = MAP_FAILED;
    if (good)
        map = mmap(NULL, sizeof(struct file), PROT_READ | PROT_WRITE, MAP_SHARED, mirror->fd, 0);
    if (map == MAP_FAILED) {
        close(mirror->fd);
        mirror->fd = -1;
        return false;
    }
    mirror->file = map;
    return true;
}

struct mirror *mirror_open(const char *path, bool *in_file)
{
    struct mirror *mirror = calloc(1, sizeof *mirror);
    if (!mirror)
        return NULL;
    *in_file = map_file(mirror, path);
    if (!*in_file) {
        void *map = mmap(NULL, sizeof(struct file), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (map == MAP_FAILED) {
            free(mirror);
            return NULL;
        }
        mirror->file = map;
    }
    if (memcmp(&mirror->file->head, &HEAD, sizeof HEAD) != 0) {
        memset(mirror->file, 0, offsetof(struct file, alert));
        mirror->file->head = HEAD;
    }
    clean(mirror->file);
    struct mirror_log log;
    mirror->log_turn = mirror_log(mirror, &log) ? mirror->file->log[0].turn + mirror->file->log[1].turn : 1;
    return mirror;
}

void mirror_close(struct mirror *mirror)
{
    if (!mirror)
        return;
    munmap(mirror->file, sizeof *mirror->file);
    if (mirror->fd >= 0)
        close(mirror->fd);
    free(mirror);
}

/* Its newest revision. ALERT_SLOTS: none. */
static unsigned find(const struct mirror *mirror, uint64_t alert)
{
    unsigned newest = ALERT_SLOTS;
    for (unsigned i = 0; i < ALERT_SLOTS; i++)
        if (mirror->file->used[i] && mirror->file->alert[i].alert.id == alert &&
            (newest == ALERT_SLOTS || mirror->file->alert[i].alert.rev > mirror->file->alert[newest].alert.rev))
            newest = i;
    return newest;
}

/* ALERT_SLOTS: none. */
static unsigned find_revision(const struct mirror *mirror, uint64_t alert, uint32_t rev)
{
    unsigned i = 0;
    while (i < ALERT_SLOTS && !(mirror->file->used[i] && mirror->file->alert[i].alert.id == alert &&
                                mirror->file->alert[i].alert.rev == rev))
        i++;
    return i;
}

/* Closed and due nowhere. */
struct over {
    unsigned n, oldest; /* ALERT_SLOTS: there is none */
    int64_t newest_at;
};

static bool is_own(const struct alert *alert)
{
    return strcmp(alert->detector, ALERT_OWN) == 0;
}

static bool is_older(const struct alert *alert, const struct alert *other)
{
    return is_own(alert) != is_own(other) ? is_own(alert) : alert->at < other->at;
}

/* The gateway's own are the first to go. */
static struct over find_over(const struct mirror *mirror)
{
    struct over over = {.oldest = ALERT_SLOTS, .newest_at = INT64_MIN};
    for (unsigned i = 0; i < ALERT_SLOTS; i++) {
        const struct alert_slot *slot = &mirror->file->alert[i];
        if (!mirror->file->used[i] || slot->alert.state < ALERT_CANCELLED || slot->pending != 0)
            continue;
        over.n++;
        if (over.oldest == ALERT_SLOTS || is_older(&slot->alert, &mirror->file->alert[over.oldest].alert))
            over.oldest = i;
        if (slot->alert.at > over.newest_at)
            over.newest_at = slot->alert.at;
    }
    return over;
}

/* Into a free slot first, then those it replaces go: a kill between leaves both, and clean() takes the newer. */
static bool put_beside(struct mirror *mirror, unsigned old, const struct alert *alert, uint64_t pending)
{
    unsigned i = 0;
    while (i < ALERT_SLOTS && mirror->file->used[i])
        i++;
    if (i == ALERT_SLOTS)
        i = find_over(mirror).oldest; /* while there is no disk nobody trims them */
    if (i == ALERT_SLOTS)
        i = old; /* full: in place, at the risk of a torn record */
    if (i == ALERT_SLOTS ||
        !reserve(mirror, offsetof(struct file, alert) + i * sizeof(struct alert_slot), sizeof(struct alert_slot)))
        return false;
    struct alert_slot *slot = &mirror->file->alert[i];
    slot->pending = pending;
    slot->alert = *alert;
    slot->sum = alert_sum(&slot->alert, slot->pending);
    atomic_thread_fence(memory_order_release);
    mirror->file->used[i] = 1;
    atomic_thread_fence(memory_order_release);
    for (unsigned k = 0; k < ALERT_SLOTS; k++) {
        const struct alert_slot *other = &mirror->file->alert[k];
        if (k != i && mirror->file->used[k] && other->alert.id == alert->id &&
            (other->alert.rev == alert->rev || gives_way(other, alert)))
            mirror->file->used[k] = 0;
    }
    return true;
}

/* An older revision, committed again or in no order. */
static bool put_older(struct mirror *mirror, const struct alert *newer, const struct alert *alert, uint32_t pending)
{
    unsigned kept = find_revision(mirror, alert->id, alert->rev);
    bool due = still_to_be_told(alert, pending, newer);
    if (kept == ALERT_SLOTS)
        return !due || put_beside(mirror, ALERT_SLOTS, alert, pending);
    if (!due)
        mirror->file->used[kept] = 0; /* somebody has it by now */
    return true;
}

bool mirror_put(struct mirror *mirror, const struct alert *alert, uint32_t pending)
{
    unsigned old = find(mirror, alert->id);
    if (old == ALERT_SLOTS)
        return put_beside(mirror, old, alert, pending);
    const struct alert_slot *slot = &mirror->file->alert[old];
    if (slot->alert.rev > alert->rev)
        return put_older(mirror, &slot->alert, alert, pending);
    bool same = (slot->pending | pending) == slot->pending && slot->sum == alert_sum(alert, slot->pending);
    return same || put_beside(mirror, old, alert, pending | slot->pending); /* same: committed again to a dead disk */
}

void mirror_forget(struct mirror *mirror, const struct frame_forget *forget)
{
    unsigned newest = find(mirror, forget->alert);
    if (newest == ALERT_SLOTS)
        return;
    unsigned old = newest;
    if (mirror->file->alert[newest].alert.rev > forget->rev)
        old = find_revision(mirror, forget->alert, forget->rev);
    if (old == ALERT_SLOTS)
        return;
    const struct alert_slot *slot = &mirror->file->alert[old];
    uint64_t pending = slot->pending & ~(uint64_t)forget->uplinks;
    if (old != newest && pending == 0)
        mirror->file->used[old] = 0;
    else
        put_beside(mirror, old, &slot->alert, pending);
}

void mirror_trim(struct mirror *mirror, unsigned keep, int64_t keep_ms)
{
    for (struct over over = find_over(mirror); over.n > 0; over = find_over(mirror)) {
        const struct alert *oldest = &mirror->file->alert[over.oldest].alert;
        if (!is_own(oldest) && over.n <= keep && oldest->at > over.newest_at - keep_ms)
            break;
        mirror->file->used[over.oldest] = 0;
    }
}

bool mirror_put_cursor(struct mirror *mirror, const struct frame_cursor *cursor)
{
    struct cursor_slot *slot = NULL;
    for (unsigned i = 0; i < CURSOR_SLOTS; i++) {
        struct cursor_slot *other = &mirror->file->cursor[i];
        if (strcmp(other->cursor.detector, cursor->detector) == 0) {
            slot = other;
            break;
        }
        if (!slot && other->cursor.detector[0] == '\0')
            slot = other;
    }
    if (!slot)
        return false;
    struct cursor_slot filled = {.cursor = *cursor};
    filled.sum = cursor_sum(&filled);
    *slot = filled; /* torn by a kill it counts as missing: the one in alerts.db holds then, and is older only */
    return true;
}

void mirror_put_log(struct mirror *mirror, const struct mirror_log *log)
{
    struct log_slot *slot = &mirror->file->log[++mirror->log_turn % 2];
    slot->turn = mirror->log_turn;
    slot->log = *log;
    slot->sum = log_sum(slot);
}

bool mirror_next(const struct mirror *mirror, unsigned *place, struct alert *alert, uint32_t *pending)
{
    while (*place < ALERT_SLOTS && !mirror->file->used[*place])
        ++*place;
    if (*place >= ALERT_SLOTS)
        return false;
    const struct alert_slot *slot = &mirror->file->alert[(*place)++];
    *alert = slot->alert;
    *pending = (uint32_t)slot->pending;
    return true;
}

bool mirror_next_cursor(const struct mirror *mirror, unsigned *place, struct frame_cursor *cursor)
{
    while (*place < CURSOR_SLOTS && !cursor_good(&mirror->file->cursor[*place]))
        ++*place;
    if (*place >= CURSOR_SLOTS)
        return false;
    *cursor = mirror->file->cursor[(*place)++].cursor;
    return true;
}

static bool log_good(const struct log_slot *slot)
{
    const struct mirror_log *log = &slot->log;
    return slot->turn != 0 && slot->sum == log_sum(slot) && log->last_id <= ID_LIMIT && log->last_log >= 0 &&
           time_in_limits(log->last_log) && time_in_limits(log->boot.boot_offset) &&
           time_in_limits(log->boot.wall_minus_log) && log->boot.raised_from >= 0 &&
           time_in_limits(log->boot.raised_from) && time_in_limits(log->boot.raised_by) && log->boot.raised_once <= 1 &&
           log->boot.clock <= CLOCK_SYNCED && text_valid(log->boot_id, sizeof log->boot_id);
}

bool mirror_log(const struct mirror *mirror, struct mirror_log *log)
{
    const struct log_slot *best = NULL;
    for (int i = 0; i < 2; i++) {
        const struct log_slot *slot = &mirror->file->log[i];
        if (!log_good(slot))
            continue;
        if (!best || slot->turn > best->turn)
            best = slot;
    }
    if (best)
        *log = best->log;
    return best != NULL;
}
