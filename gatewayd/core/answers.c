#include "answers.h"

#include "../base/text.h"
#include "alerts_private.h"
#include "control.h"
#include "delivery.h"
#include "outbox.h"
#include "timeline.h"

enum alert_answer answers_accept(struct core *core, uint64_t id, uint32_t rev)
{
    struct alert_slot *slot = alerts_by_id(core, id);
    if (!slot)
        return ANSWER_UNKNOWN;
    uint32_t upto = rev && rev < slot->alert.rev ? rev : slot->alert.rev;
    delivery_accepted(core, id, upto);
    if (upto < slot->alert.rev || slot->alert.state != ALERT_RAISED)
        return slot->alert.flags & ALERT_ACCEPTED_ONCE ? ANSWER_ALREADY : ANSWER_OK;
    slot->alert.state = ALERT_ACCEPTED;
    slot->alert.flags |= ALERT_ACCEPTED_ONCE;
    core->open_dirty = true;
    outbox_store_state(core, slot);
    control_watch_alert(core, &slot->alert);
    return ANSWER_OK;
}

enum alert_answer answers_acknowledge(struct core *core, uint64_t id, const char *by, const char *note, bool local)
{
    struct alert_slot *slot = alerts_by_id(core, id);
    if (!slot)
        return ANSWER_UNKNOWN;
    struct alert *a = &slot->alert;
    bool again = a->state == ALERT_RAISED || a->state == ALERT_ACCEPTED; /* true again after an acknowledgement */
    if (alerts_over(a) || (!local && a->flags & ALERT_ACKED && !again) || (local && a->flags & ALERT_LOCAL_ACK))
        return ANSWER_ALREADY;
    text_copy(a->by, sizeof(a->by), by);
    text_copy(a->note, sizeof(a->note), note);
    if (local) {
        a->flags |= ALERT_LOCAL_ACK;
        uint32_t seen = a->flags & ALERT_ACCEPTED_ONCE;
        alerts_revise(core, slot, (enum alert_state)a->state, NULL);
        slot->alert.flags |= seen;
        return ANSWER_OK;
    }
    delivery_accepted(core, id, a->rev);
    a->flags |= ALERT_ACKED | ALERT_ACCEPTED_ONCE;
    if (a->flags & ALERT_MOMENTARY)
        slot->ended = timeline_now(core);
    alerts_revise(core, slot, a->flags & ALERT_ENDED ? ALERT_CLEARED : ALERT_ACKNOWLEDGED, NULL);
    return ANSWER_OK;
}

enum alert_answer answers_close(struct core *core, uint64_t id, const char *by, const char *note)
{
    struct alert_slot *slot = alerts_by_id(core, id);
    if (!slot)
        return ANSWER_UNKNOWN;
    if (alerts_over(&slot->alert))
        return ANSWER_ALREADY;
    text_copy(slot->alert.by, sizeof(slot->alert.by), by);
    text_copy(slot->alert.note, sizeof(slot->alert.note), note);
    delivery_accepted(core, id, slot->alert.rev);
    alerts_note_end(core, &slot->alert);
    slot->ended = timeline_now(core);
    alerts_revise(core, slot, ALERT_CLOSED, NULL);
    return ANSWER_OK;
}
