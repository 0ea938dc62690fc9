#include "own.h"

#include "../base/text.h"
#include "alerts_private.h"
#include "timeline.h"

bool own_lasts(const struct alert *a)
{
    return strcmp(a->detector, GATEWAY) == 0 &&
           (strncmp(a->kind, "mode-", 5) == 0 || strncmp(a->kind, "test-", 5) == 0);
}

struct alert_slot *own_find(struct core *core, const char *kind, const char *key)
{
    struct alert_slot *slot = alerts_by_name(core, GATEWAY, kind, key);
    return slot && !(slot->alert.flags & ALERT_ENDED) ? slot : NULL;
}

static struct alert_slot *begin(struct core *core, const struct own_alert *own, int64_t now)
{
    uint64_t episode = own->episode ? own->episode : (uint64_t)now | UINT64_C(1) << 62;
    struct alert_slot *slot = alerts_free_slot(core, own->class_);
    if (!slot)
        return NULL;
    memset(slot, 0, sizeof(*slot));
    slot->used = true;
    struct alert *a = &slot->alert;
    a->id = alert_id(core->settings->home, GATEWAY, own->kind, own->key, episode);
    a->episode = episode;
    a->count = 1;
    a->class_ = own->class_;
    a->flags = own->flags;
    text_copy(a->detector, NAME_SIZE, GATEWAY);
    text_copy(a->kind, NAME_SIZE, own->kind);
    text_copy(a->key, sizeof(a->key), own->key);
    text_copy(a->code, sizeof(a->code), own->code);
    a->since = a->raised = now;
    a->incident = a->id;
    return slot;
}

struct alert_slot *own_raise(struct core *core, const struct own_alert *own)
{
    int64_t now = timeline_now(core);
    struct alert_slot *slot = alerts_by_name(core, GATEWAY, own->kind, own->key);
    if (slot && !(slot->alert.flags & ALERT_ENDED) && !own->renew) {
        slot->again = true;
        return slot;
    }
    if (!slot || (slot->ended && now - slot->ended > REOPEN_WINDOW))
        slot = begin(core, own, now);
    if (!slot)
        return NULL;
    slot->again = true;
    slot->ended = 0;
    alerts_ask_anew(&slot->alert);
    if (own->renew)
        slot->alert.since = now;
    text_copy(slot->alert.text_en, sizeof(slot->alert.text_en), own->text_en);
    text_copy(slot->alert.text_zh, sizeof(slot->alert.text_zh), own->text_zh);
    text_copy(slot->alert.limit, sizeof(slot->alert.limit), own->limit);
    alerts_revise(core, slot, ALERT_RAISED, NULL);
    return slot;
}

void own_clear(struct core *core, const char *kind, const char *key)
{
    struct alert_slot *slot = own_find(core, kind, key);
    if (slot)
        alerts_end_condition(core, slot, ALERT_CLEARED, NULL);
}
