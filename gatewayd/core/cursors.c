#include "cursors.h"

#include "../base/text.h"
#include "store_link.h"
#include "timeline.h"

const struct known_cursor *cursors_known(const struct core *core, const char *name)
{
    for (uint32_t i = 0; i < core->n_cursors; i++)
        if (strcmp(core->cursors[i].detector, name) == 0)
            return &core->cursors[i];
    return NULL;
}

void cursors_remember(struct core *core, const struct detector *d)
{
    struct known_cursor *k = NULL;
    for (uint32_t i = 0; i < core->n_cursors && !k; i++)
        if (strcmp(core->cursors[i].detector, d->settings->name) == 0)
            k = &core->cursors[i];
    if (!k && core->n_cursors < sizeof(core->cursors) / sizeof(core->cursors[0])) {
        k = &core->cursors[core->n_cursors++];
        text_copy(k->detector, NAME_SIZE, d->settings->name);
    }
    if (k) {
        k->reading = d->cursor_id;
        k->until = d->cursor_until;
        k->fresh = d->fresh;
    }
}

bool cursors_count(const struct core *core, const struct detector *d)
{
    return core->store.loaded && !d->short_of_memory;
}

void cursors_clock_moved(struct core *core, int64_t by)
{
    for (uint32_t i = 0; i < core->n_cursors; i++)
        core->cursors[i].until += by;
}

void cursors_forget(struct core *core, const char *name)
{
    for (uint32_t i = 0; i < core->n_cursors; i++)
        if (strcmp(core->cursors[i].detector, name) == 0) {
            /* On the disk it stays as a name without a time: taken up again some day, the detector begins at that day.
             */
            frame_init(&core->out, FRAME_STORE_CURSOR);
            text_copy(core->out.cursor.detector, NAME_SIZE, name);
            core->out.cursor.reading = core->cursors[i].reading;
            store_link_send(core);
            core->cursors[i] = core->cursors[--core->n_cursors];
            return;
        }
}

void cursors_begin(struct core *core, struct detector *d)
{
    if (cursors_known(core, d->settings->name))
        return;
    d->fresh = true;
    d->cursor_id = core->timeline.next_id - 1;
    d->cursor_until = timeline_now(core);
    cursors_remember(core, d);
}

/* Has it said something that the disk does not have yet? */
static bool is_ahead(const struct core *core, const struct detector *d)
{
    for (unsigned i = 0; i < core->outbox_top; i++) {
        const struct outbox_entry *e = &core->outbox[i];
        if (e->used && !e->committed && strcmp(e->alert.detector, d->settings->name) == 0)
            return true;
    }
    return false;
}

bool cursors_may_go(const struct core *core, const struct detector *d)
{
    return cursors_count(core, d) && !is_ahead(core, d);
}

int64_t cursors_save_at(const struct core *core, const struct detector *d)
{
    bool may = d->cursor_news && core->store.ready && cursors_may_go(core, d);
    return may ? d->cursor_saved + CURSOR_EVERY : NEVER;
}

/* Alerts carry their own cursor; between them one a second spares the store. */
void cursors_save(struct core *core, struct detector *d)
{
    if (cursors_save_at(core, d) > core->now)
        return;
    d->cursor_saved = core->now;
    d->cursor_news = false;
    frame_init(&core->out, FRAME_STORE_CURSOR);
    text_copy(core->out.cursor.detector, NAME_SIZE, d->settings->name);
    core->out.cursor.reading = d->cursor_id;
    core->out.cursor.until = d->cursor_until;
    store_link_send(core);
}
