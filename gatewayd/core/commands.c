#include "commands.h"

#include "../base/text.h"
#include "alerts.h"
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
    case VERB_STATUS:
        uplinks_status(core);
        answer = ANSWER_OK;
        break;
    default:
        text = "this gateway takes accept, ack, close and status";
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
