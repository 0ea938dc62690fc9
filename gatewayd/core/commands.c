#include "commands.h"

#include "../base/text.h"
#include "alerts.h"
#include "control.h"
#include "modes.h"
#include "outbox.h"
#include "selftest.h"
#include "uplinks.h"

static const char *answer_text(enum alert_answer answer)
{
    switch (answer) {
    case ANSWER_OK:
        return "ok";
    case ANSWER_ALREADY:
        return "already so";
    default:
        return "no such alert is open";
    }
}

/* NULL: done. */
static const char *order_mode(struct core *core, const struct frame_command *c)
{
    int mode = modes_by_name(c->note);
    enum mode_answer answer = MODE_UNKNOWN;
    if (mode >= 0)
        answer = modes_order(core, (uint32_t)mode, c->for_ms, c->by[0] ? c->by : "platform");
    return answer == MODE_OK ? NULL : modes_answer(answer);
}

static void reply(struct core *core, const struct held_answer *said)
{
    frame_init(&core->out, FRAME_REPLY);
    core->out.reply.token = said->token;
    core->out.reply.ok = said->ok;
    text_copy(core->out.reply.text, sizeof(core->out.reply.text), said->text);
    send_frame(core, core->uplinks[said->uplink].worker);
}

/* A person's word is answered when it is on the disk. False: no room, it is answered at once. */
static bool hold(struct core *core, const struct held_answer *said)
{
    if (core->n_held == HELD_ANSWERS)
        return false;
    core->held[core->n_held++] = *said;
    return true;
}

void commands_platform(struct core *core, unsigned uplink, const struct frame_command *c)
{
    enum alert_answer answer = ANSWER_UNKNOWN;
    const char *text = NULL;
    switch (c->verb) {
    case VERB_ACCEPT:
        answer = alerts_accept(core, c->alert, c->rev);
        break;
    case VERB_ACK:
        answer = alerts_acknowledge(core, c->alert, c->by[0] ? c->by : "platform", c->note, false);
        break;
    case VERB_CLOSE:
        answer = alerts_close(core, c->alert, c->by[0] ? c->by : "platform", c->note);
        break;
    case VERB_MODE:
        text = order_mode(core, c);
        answer = text ? ANSWER_UNKNOWN : ANSWER_OK;
        break;
    case VERB_TEST:
        text = c->note[0] ? control_test_press(core, c->note) : NULL;
        answer = text ? ANSWER_UNKNOWN : ANSWER_OK;
        if (!c->note[0])
            selftest_run(core);
        break;
    case VERB_STATUS:
        uplinks_status(core);
        answer = ANSWER_OK;
        break;
    default:
        text = "this home has nothing that could show a message";
        break;
    }
    if (answer == ANSWER_UNKNOWN)
        core_log(core, 4, "uplink %s: refused a command: %s", core->uplinks[uplink].settings->link.name,
                 text ? text : answer_text(answer));
    struct held_answer said = {.uplink = uplink, .token = c->token, .ok = answer != ANSWER_UNKNOWN};
    text_copy(said.text, sizeof(said.text), text ? text : answer_text(answer));
    bool lasts = c->verb == VERB_ACK || c->verb == VERB_CLOSE;
    said.seq = lasts && said.ok && !core->store.degraded ? outbox_uncommitted(core, c->alert) : 0;
    if (!said.seq || !hold(core, &said))
        reply(core, &said);
}

void commands_settle(struct core *core)
{
    for (unsigned i = 0; i < core->n_held;) {
        const struct held_answer said = core->held[i];
        if (!core->store.degraded && outbox_is_uncommitted(core, said.seq)) {
            i++;
            continue;
        }
        core->held[i] = core->held[--core->n_held];
        reply(core, &said);
    }
}

void commands_forget(struct core *core, unsigned uplink)
{
    for (unsigned i = core->n_held; i-- > 0;)
        if (core->held[i].uplink == uplink)
            core->held[i] = core->held[--core->n_held];
}
