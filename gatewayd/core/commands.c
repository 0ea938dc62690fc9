#include "commands.h"

#include "../base/text.h"
#include "alerts.h"
#include "control.h"
#include "modes.h"
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
    frame_init(&core->out, FRAME_REPLY);
    core->out.reply.token = c->token;
    core->out.reply.ok = answer != ANSWER_UNKNOWN;
    text_copy(core->out.reply.text, sizeof(core->out.reply.text), text ? text : answer_text(answer));
    send_frame(core, core->uplinks[uplink].worker);
}
