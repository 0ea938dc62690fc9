#include "outputs.h"

#include "alerts.h"
#include "supervisor.h"

/* "Help knows": a person has taken every emergency that is still open, and there is one. A test shows only while there
 * is no real one. */
static bool help_knows(const struct core *core)
{
    uint32_t open[2] = {0, 0}, taken[2] = {0, 0}; /* real, test */
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert_slot *s = &core->alerts[i];
        if (!s->used || alerts_over(&s->alert) || s->alert.class_ != GW_EMERGENCY ||
            strcmp(s->alert.detector, GATEWAY) == 0) /* the daily test is silent */
            continue;
        unsigned test = (s->alert.flags & ALERT_TEST) != 0;
        open[test]++;
        taken[test] += (s->alert.flags & ALERT_ACKED) != 0;
    }
    unsigned shown = open[0] == 0;
    return open[shown] > 0 && taken[shown] == open[shown];
}

static bool value_of(const struct core *core, enum output_shows shows)
{
    uint32_t open = 0, emergencies = 0, up = 0;
    switch (shows) {
    case SHOWS_ACKNOWLEDGED:
        return help_knows(core);
    case SHOWS_EMERGENCY:
        alerts_count(core, &open, &emergencies);
        return emergencies > 0;
    default:
        for (unsigned i = 0; i < UPLINKS_MAX; i++)
            up += core->uplinks[i].up;
        return up > 0;
    }
}

void outputs_forget(struct core *core)
{
    memset(core->output_known, 0, sizeof(core->output_known));
}

void outputs_refresh(struct core *core)
{
    if (!supervisor_running(core, WORKER_GPIO))
        return;
    for (uint32_t i = 0; i < core->settings->n_outputs; i++) {
        bool value = value_of(core, core->settings->outputs[i].shows);
        if (core->output_known[i] && core->output_value[i] == value)
            continue;
        core->output_known[i] = true;
        core->output_value[i] = value;
        frame_init(&core->out, FRAME_OUTPUT_SET);
        core->out.output_set.output = i;
        core->out.output_set.value = value;
        send_frame(core, WORKER_GPIO);
    }
}
