#include "commands.h"

#include "../base/text.h"
#include "answers.h"
#include "control.h"
#include "modes.h"
#include "outbox.h"
#include "selftest.h"
#include "uplinks.h"

#define NOT_STORED "ok, but the disk does not have it yet: a power cut now would lose it"

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
    bool stored = !said->seq || !outbox_is_uncommitted(core, said->seq);
    frame_init(&core->out, FRAME_REPLY);
    core->out.reply.token = said->token;
    core->out.reply.ok = said->ok;
    text_copy(core->out.reply.text, sizeof(core->out.reply.text), stored ? said->text : NOT_STORED);
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

/* *text: what is answered in place of the answer's own words, or NULL. */
static enum alert_answer obey(struct core *core, const struct frame_command *c, const char **text)
{
    const char *by = c->by[0] ? c->by : "platform";
    switch (c->verb) {
    case VERB_ACCEPT:
        return answers_accept(core, c->alert, c->rev);
    case VERB_ACK:
        return answers_acknowledge(core, c->alert, by, c->note, false);
    case VERB_CLOSE:
        return answers_close(core, c->alert, by, c->note);
    case VERB_MODE:
        *text = order_mode(core, c);
        break;
    case VERB_TEST:
        *text = c->note[0] ? control_test_press(core, c->note) : NULL;
        if (!c->note[0])
            selftest_run(core);
        break;
    case VERB_STATUS:
        uplinks_status(core);
        break;
    default:
        *text = "this home has nothing that could show a message";
        break;
    }
    return *text ? ANSWER_UNKNOWN : ANSWER_OK;
}

/* The entry of the outbox that must be on the disk before the answer goes; 0: none. */
static uint64_t waits_for(const struct core *core, const struct frame_command *c, uint64_t seq_before)
{
    if (c->verb == VERB_ACK || c->verb == VERB_CLOSE)
        return outbox_uncommitted(core, c->alert);
    /* A mode may change several alerts: the newest is stored last. */
    return c->verb == VERB_MODE && core->outbox_seq != seq_before ? core->outbox_seq : 0;
}

void commands_platform(struct core *core, unsigned uplink, const struct frame_command *c)
{
    const uint64_t seq_before = core->outbox_seq;
    const char *text = NULL;
    enum alert_answer answer = obey(core, c, &text);
    if (answer == ANSWER_UNKNOWN)
        core_log(core, 4, "uplink %s: refused a command: %s", core->uplinks[uplink].settings->link.name,
                 text ? text : answer_text(answer));
    struct held_answer said = {.uplink = uplink, .token = c->token, .ok = answer != ANSWER_UNKNOWN};
    text_copy(said.text, sizeof(said.text), text ? text : answer_text(answer));
    said.seq = said.ok ? waits_for(core, c, seq_before) : 0;
    if (!said.seq || core->store.degraded || !hold(core, &said))
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
