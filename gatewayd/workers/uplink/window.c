#include "window.h"

#include <string.h>

bool window_add(struct window *window, int mid, uint64_t token, bool emergency, int64_t now)
{
    if (window->n == WINDOW_MAX)
        return false;
    window->entries[window->n++] =
        (struct window_entry){.token = token, .sent_at = now, .mid = mid, .emergency = emergency};
    return true;
}

static void take(struct window *window, unsigned i, struct window_entry *entry)
{
    *entry = window->entries[i];
    window->n--;
    memmove(&window->entries[i], &window->entries[i + 1], (window->n - i) * sizeof window->entries[0]);
}

bool window_refused(struct window *window, uint64_t token, int reason, int64_t now)
{
    if (!window_add(window, 0, token, false, now))
        return false;
    window->entries[window->n - 1].reason = reason;
    return true;
}

bool window_take(struct window *window, int mid, int64_t now, struct window_entry *entry)
{
    for (unsigned i = 0; i < window->n && mid != 0; i++) {
        if (window->entries[i].mid != mid)
            continue;
        take(window, i, entry);
        if (entry->emergency)
            window->last_emergency_ack = now;
        return true;
    }
    return false;
}

bool window_take_due(struct window *window, int64_t now, struct window_entry *entry)
{
    for (unsigned i = 0; i < window->n; i++) {
        if (window->entries[i].mid != 0 || now < window->entries[i].sent_at + WINDOW_PAUSE_MS)
            continue;
        take(window, i, entry);
        return true;
    }
    return false;
}

int64_t window_due(const struct window *window)
{
    for (unsigned i = 0; i < window->n; i++)
        if (window->entries[i].mid == 0)
            return window->entries[i].sent_at + WINDOW_PAUSE_MS;
    return INT64_MAX;
}

bool window_take_oldest(struct window *window, struct window_entry *entry)
{
    if (window->n == 0)
        return false;
    take(window, 0, entry);
    return true;
}

/* Of those that are published; refused ones (mid 0) are none of these. */
static const struct window_entry *oldest(const struct window *window, bool emergency)
{
    for (unsigned i = 0; i < window->n; i++)
        if (window->entries[i].emergency == emergency && window->entries[i].mid != 0)
            return &window->entries[i];
    return NULL;
}

bool window_has_emergency(const struct window *window)
{
    return oldest(window, true) != NULL;
}

int64_t window_deadline(const struct window *window)
{
    const struct window_entry *entry = oldest(window, true), *other = oldest(window, false);
    int64_t due = other ? other->sent_at + WINDOW_LATE_MS : INT64_MAX;
    if (!entry)
        return due;
    int64_t from = entry->sent_at > window->last_emergency_ack ? entry->sent_at : window->last_emergency_ack;
    return from + WINDOW_ACK_MS < due ? from + WINDOW_ACK_MS : due;
}
