#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/kinds.h"
#include "gatewayd/plugin.h"
#include "tell.h"

/* Readings that one turn of one line can make, at most. */
#define READINGS_PER_TURN (LINES_EDGES_PER_READ + 4)
/* Reads in a row that may find more than fits before the line is looked at all the same: more than fill the kernel's
 * buffer, so only a line that makes edges faster than we read them gets there. */
#define DRAINS_MAX 32

static bool urgent(const struct entry *entry)
{
    return kind_info((enum kind)entry->want.kind)->urgent;
}

/* An urgent line whose ring is full waits: its edges stay in the kernel, and the look afterwards tells the level. */
static bool held_back(const struct watch *watch, const struct entry *entry)
{
    return !entry->output && urgent(entry) && !outbox_room(watch->outbox, true, READINGS_PER_TURN);
}

static bool put(struct watch *watch, const struct entry *entry, enum gw_type type, int64_t at, int value, uint8_t flags)
{
    struct reading reading = {
        .at = at, .value = value, .sensor = entry->want.slot, .type = (uint8_t)type, .flags = flags};
    return outbox_put(watch->outbox, urgent(entry), &reading);
}

static void put_level(struct watch *watch, const struct entry *entry, struct settle_level level)
{
    put(watch, entry, GW_VALUE, level.at, level.level, level.flags);
}

static void tell_availability(struct watch *watch, struct entry *entry, int available, int64_t now)
{
    if (!entry->output && entry->told_available != available && put(watch, entry, GW_AVAILABILITY, now, available, 0))
        entry->told_available = available;
}

static void lose(struct watch *watch, struct entry *entry, int64_t now)
{
    struct chip *chip = &watch->table->chip[entry->chip];
    tell_lost(entry, errno);
    lines_release(entry->line);
    entry->line = NULL;
    tell_availability(watch, entry, 0, now);
    chip->delay = RETRY_FIRST_MS;
    chip_back_off(chip, now);
}

/* The line is ours: its first level is told, whatever was known before. */
static bool begin(struct watch *watch, struct entry *entry, int64_t now)
{
    entry->seqno = 0;
    entry->drains = 0;
    if (entry->output)
        return true;
    int level = lines_level(entry->line);
    if (level < 0)
        return false;
    /* Also at start: nobody here knows what our predecessor told last. */
    tell_availability(watch, entry, 1, now);
    put_level(watch, entry,
              settle_first(&entry->settle, lines_debounced(entry->line) ? 0 : entry->want.debounce_ms, now, level));
    return true;
}

static enum lines_fault acquire(struct watch *watch, struct entry *entry, int64_t now)
{
    enum lines_fault fault = LINES_OK;
    entry->line = lines_request(&entry->want, entry->output ? entry->value : -1, &fault);
    if (entry->line && begin(watch, entry, now))
        return LINES_OK;
    if (entry->line) {
        fault = LINES_NO_CHIP;
        lines_release(entry->line);
        entry->line = NULL;
    }
    return fault;
}

/* All lines of the chip that are not held. A chip that is not there is not asked for its other lines. */
static void retry_chip(struct watch *watch, unsigned number, int64_t now)
{
    struct chip *chip = &watch->table->chip[number];
    enum lines_fault chip_fault = LINES_OK;
    bool missing = false;
    for (unsigned i = 0; i < watch->table->n; i++) {
        struct entry *entry = &watch->table->entry[i];
        if (entry->chip != number || entry->line)
            continue;
        enum lines_fault fault = chip_fault;
        if (held_back(watch, entry))
            fault = LINES_REFUSED; /* its first level would not fit; tried again soon */
        else if (fault == LINES_OK)
            fault = acquire(watch, entry, now);
        if (fault == LINES_OK) {
            tell_line(entry, LINES_OK, 0);
            tell_chip(chip, LINES_OK);
            continue;
        }
        missing = true;
        if (fault == LINES_NO_CHIP || fault == LINES_NO_ACCESS)
            tell_chip(chip, chip_fault = fault);
        else if (!held_back(watch, entry))
            tell_line(entry, fault, errno);
        tell_availability(watch, entry, 0, now);
    }
    if (missing)
        chip_back_off(chip, now);
    else
        chip->delay = RETRY_FIRST_MS;
}

static bool has_missing(const struct table *table, unsigned chip)
{
    for (unsigned i = 0; i < table->n; i++)
        if (table->entry[i].chip == chip && !table->entry[i].line)
            return true;
    return false;
}

void watch_retry(struct watch *watch, int64_t now)
{
    if (!watch->outbox || !watch->table)
        return;
    for (unsigned i = 0; i < watch->table->n_chips; i++)
        if (watch->table->chip[i].retry_at <= now && has_missing(watch->table, i))
            retry_chip(watch, i, now);
}

/* Kernels before 5.7 stamp edges with the wall clock: such a time, or any other nonsense, becomes "now". */
static int64_t edge_time(const struct lines_edge *edge, int64_t now)
{
    int64_t at = clock_monotonic_ns_to_boottime_ms(edge->at_ns);
    return at < 0 || at > now ? now : at;
}

static void take_edge(struct watch *watch, struct entry *entry, const struct lines_edge *edge, int64_t now)
{
    struct settle_level level;
    uint32_t step = edge->seqno - entry->seqno; /* the counter may wrap */
    if (edge->seqno && step > 1) {
        entry->lost += step - 1;
        settle_lost(&entry->settle, now);
    }
    entry->seqno = edge->seqno;
    if (settle_edge(&entry->settle, now, edge_time(edge, now), edge->level, &level))
        put_level(watch, entry, level);
}

/* -1: the line has gone. *more: there may be further edges. */
static int drain(struct watch *watch, struct entry *entry, int64_t now, bool *more)
{
    struct lines_edge edges[LINES_EDGES_PER_READ];
    bool maybe_lost = false;
    int n = lines_read(entry->line, edges, &maybe_lost);
    if (n < 0)
        return -1;
    for (int i = 0; i < n; i++)
        take_edge(watch, entry, &edges[i], now);
    if (maybe_lost) {
        entry->maybe_lost = true;
        settle_lost(&entry->settle, now);
    }
    *more = (maybe_lost || n == LINES_EDGES_PER_READ) && entry->drains < DRAINS_MAX;
    entry->drains = *more ? entry->drains + 1 : 0;
    return 0;
}

static int look(struct watch *watch, struct entry *entry, int64_t now)
{
    struct settle_level out;
    int level = lines_level(entry->line);
    if (level < 0)
        return -1;
    if (settle_look(&entry->settle, now, level, &out))
        put_level(watch, entry, out);
    return 0;
}

void watch_serve(struct watch *watch, struct entry *entry, short revents, int64_t now)
{
    bool gone = (revents & (POLLERR | POLLHUP | POLLNVAL)) != 0, more = false;
    if (!entry->line)
        return;
    if (gone)
        errno = ENODEV;
    if (!entry->output && !gone) {
        if (held_back(watch, entry))
            return;
        bool unread = (revents & POLLIN) || entry->drains > 0;
        /* Edges that wait come before the look: what they tell is a change that was seen. */
        if (unread || entry->settle.due <= now)
            gone = drain(watch, entry, now, &more) < 0;
        if (!gone && !more && entry->settle.due <= now)
            gone = look(watch, entry, now) < 0;
    }
    if (gone)
        lose(watch, entry, now);
    else
        tell_notes(entry, now);
}

void watch_check(struct watch *watch, int64_t now)
{
    if (!watch->table || !watch->outbox || now < watch->check_at)
        return;
    watch->check_at = now + WATCH_CHECK_MS;
    for (unsigned i = 0; i < watch->table->n; i++) {
        struct entry *entry = &watch->table->entry[i];
        int level = entry->line ? lines_level(entry->line) : 0;
        if (level < 0)
            lose(watch, entry, now);
        else if (entry->line && !entry->output)
            settle_check(&entry->settle, now, level);
    }
}

void watch_set(struct watch *watch, struct entry *entry, int value, int64_t now)
{
    entry->value = value;
    if (entry->line && lines_set(entry->line, value) < 0)
        lose(watch, entry, now);
}

int watch_fd(const struct watch *watch, const struct entry *entry, int64_t now)
{
    if (!entry->line || held_back(watch, entry) || (!entry->output && settle_muted(&entry->settle, now)))
        return -1;
    return lines_fd(entry->line);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t watch_deadline(const struct watch *watch, int64_t now)
{
    if (!watch->table || !watch->outbox)
        return SETTLE_NEVER;
    int64_t next = watch->check_at;
    for (unsigned i = 0; i < watch->table->n; i++) {
        const struct entry *entry = &watch->table->entry[i];
        if (!entry->line)
            next = sooner(next, watch->table->chip[entry->chip].retry_at);
        else if (!entry->output && !held_back(watch, entry)) /* else the core's confirmation wakes us */
            next = sooner(next, entry->drains ? now : entry->settle.due);
        if (entry->line && tell_notes_wanted(entry))
            next = sooner(next, entry->note_after);
    }
    return next;
}
