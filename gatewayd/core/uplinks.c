#include "uplinks.h"

#include <stdio.h>

#include "../base/text.h"
#include "alerts.h"
#include "commands.h"
#include "delivery.h"
#include "outbox.h"
#include "outputs.h"
#include "supervisor.h"
#include "technical.h"
#include "timeline.h"

/* Enough for a burst of one incident; the configured rate holds from there on. */
#define BURST 10.0

void uplinks_configure(struct core *core, unsigned uplink)
{
    struct uplink *u = &core->uplinks[uplink];
    frame_init(&core->out, FRAME_CONFIG_BEGIN);
    send_frame(core, u->worker);
    frame_init(&core->out, FRAME_UPLINK_CONFIG);
    core->out.uplink_config = u->settings->link;
    core->out.uplink_config.recover = u->recover_pending;
    send_frame(core, u->worker);
    frame_init(&core->out, FRAME_CLOCK);
    core->out.clock.wall_minus_log = core->timeline.wall_minus_log;
    core->out.clock.quality = core->timeline.clock;
    send_frame(core, u->worker);
    frame_init(&core->out, FRAME_CONFIG_END);
    send_frame(core, u->worker);
    u->rate_tokens = BURST;
    u->rate_at = core->now;
    u->since = core->now;
}

static void link_changed(struct core *core, unsigned uplink, bool up)
{
    struct uplink *u = &core->uplinks[uplink];
    if (u->up != up)
        u->since = core->now;
    u->up = up;
    delivery_link_down(core, uplink);
    u->status_wanted = u->open_wanted = up;
    outputs_refresh(core);
    if (up && u->down_told) {
        u->down_told = false;
        technical_link(core, u, false);
    }
}

void uplinks_down(struct core *core, unsigned uplink)
{
    commands_forget(core, uplink);
    link_changed(core, uplink, false);
}

void uplinks_want_recovery(struct core *core)
{
    for (unsigned i = 0; i < UPLINKS_MAX; i++)
        core->uplinks[i].recover_pending = true;
}

void uplinks_clock(struct core *core)
{
    for (unsigned i = 0; i < UPLINKS_MAX; i++) {
        struct uplink *u = &core->uplinks[i];
        if (!u->settings || !supervisor_running(core, u->worker))
            continue;
        frame_init(&core->out, FRAME_CLOCK);
        core->out.clock.wall_minus_log = core->timeline.wall_minus_log;
        core->out.clock.quality = core->timeline.clock;
        send_frame(core, u->worker);
        u->status_wanted = u->up;
    }
}

void uplinks_status(struct core *core)
{
    for (unsigned i = 0; i < UPLINKS_MAX; i++)
        core->uplinks[i].status_wanted = core->uplinks[i].up;
}

int64_t uplinks_all_down_since(const struct core *core)
{
    int64_t latest = 0;
    for (unsigned i = 0; i < UPLINKS_MAX; i++) {
        const struct uplink *u = &core->uplinks[i];
        if (!u->settings || u->settings->backup)
            continue;
        if (u->up)
            return INT64_MAX;
        latest = u->since > latest ? u->since : latest;
    }
    return latest;
}

static double tokens_now(const struct core *core, const struct uplink *u)
{
    double tokens = u->rate_tokens + (double)(core->now - u->rate_at) * u->settings->rate / 60000.0;
    return tokens < BURST ? tokens : BURST;
}

bool uplinks_take_token(const struct core *core, struct uplink *u)
{
    double tokens = tokens_now(core, u);
    if (tokens < 1)
        return false;
    u->rate_tokens = tokens - 1;
    u->rate_at = core->now;
    return true;
}

int64_t uplinks_next_token(const struct core *core, const struct uplink *u)
{
    double missing = 1 - tokens_now(core, u);
    return missing <= 0 ? NEVER : core->now + 1 + (int64_t)(missing * 60000.0 / u->settings->rate);
}

static void count_sensors(const struct core *core, struct frame_status *s)
{
    for (uint32_t i = 0; i < core->n_sensors; i++) {
        const struct sensor *sensor = &core->sensors[i];
        if (!sensor->settings)
            continue;
        s->sensors++;
        s->sensors_lost += sensor->available == 0 || sensor->doubted;
        s->sensors_low_battery += sensor->battery_low || (sensor->battery >= 0 && sensor->battery <= 10);
    }
}

static void count_detectors(const struct core *core, struct frame_status *s)
{
    for (unsigned i = 0; i < DETECTORS_MAX; i++) {
        const struct detector *d = &core->detectors[i];
        if (!d->settings)
            continue;
        bool runs = supervisor_running(core, d->worker);
        s->detectors++;
        s->detectors_down += !runs;
        s->detectors_blind += runs && d->blind;
        s->detectors_learning += runs && !d->blind && d->health.state == GW_HEALTH_LEARNING;
        s->detectors_behind += runs && !d->live;
    }
}

void uplinks_fill_status(const struct core *core, struct frame_status *s)
{
    const struct timeline *t = &core->timeline;
    text_copy(s->software, sizeof(s->software), GATEWAYD_VERSION);
    snprintf(s->home, sizeof(s->home), "%s/%s/%s/%s", core->settings->county, core->settings->town,
             core->settings->village, core->settings->home);
    text_copy(s->timezone, sizeof(s->timezone), core->settings->timezone);
    s->log_now = timeline_now(core);
    s->wall_minus_log = t->wall_minus_log;
    s->boottime_ms = core->now;
    s->clock = t->clock;
    s->boot = t->boot;
    s->degraded = core->store.degraded;
    s->mode = core->mode;
    count_sensors(core, s);
    count_detectors(core, s);
    alerts_count(core, &s->alerts_open, &s->emergencies_open);
    outbox_depth(core, &s->outbox, &s->outbox_oldest_ms);
    s->readings = core->readings;
    s->bytes_written = core->store.bytes_written;
    s->drops = core->drops;
    s->late = core->late;
    s->late_worst_ms = core->late_worst;
    s->up_ms = core->now - core->started;
    s->config_fallback = core->config_fallback;
    for (unsigned i = 0; i < UPLINKS_MAX; i++) {
        s->uplinks += core->uplinks[i].settings != NULL;
        s->uplinks_up += core->uplinks[i].up;
    }
}

static void send_status(struct core *core, struct uplink *u)
{
    frame_init(&core->out, FRAME_STATUS);
    uplinks_fill_status(core, &core->out.status);
    send_frame(core, u->worker);
    u->status_wanted = false;
    u->status_due = core->now + (int64_t)u->settings->heartbeat_s * 1000;
}

static void send_open_list(struct core *core, struct uplink *u)
{
    frame_init(&core->out, FRAME_OPEN_BEGIN);
    send_frame(core, u->worker);
    core->open_unsure = false;
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert_slot *s = &core->alerts[i];
        if (!s->used || !alerts_open(&s->alert))
            continue;
        frame_init(&core->out, FRAME_ALERT);
        bool durable = outbox_is_durable(core, s->alert.id);
        core->open_unsure |= !durable;
        core->out.alert = s->alert;
        outbox_mark(&core->out.alert, durable);
        timeline_label(core, &core->out.alert);
        send_frame(core, u->worker);
    }
    frame_init(&core->out, FRAME_OPEN_END);
    send_frame(core, u->worker);
    u->open_wanted = false;
}

static void link_state(struct core *core, unsigned uplink, const struct frame_uplink_state *state)
{
    struct uplink *u = &core->uplinks[uplink];
    if (strcmp(u->text, state->text) != 0 && state->text[0])
        core_log(core, state->link == LINK_UP ? 5 : 4, "uplink %s: %s", u->settings->link.name, state->text);
    text_copy(u->text, sizeof(u->text), state->text);
    u->cert_expires = state->cert_expires;
    technical_certificate(core, u);
    bool came_up = state->link == LINK_UP && !u->up;
    link_changed(core, uplink, state->link == LINK_UP);
    if (!came_up)
        return;
    core_log(core, 5, "uplink %s: connected", u->settings->link.name);
    /* A session that was never there has nothing to forget, but the platform may have: say it again all the same. */
    if (!state->session_present)
        delivery_session_lost(core, uplink);
    u->ever_up = true;
    delivery_pump(core);
}

void uplinks_frame(struct core *core, unsigned uplink, const struct frame *frame)
{
    struct uplink *u = &core->uplinks[uplink];
    switch (frame->header.type) {
    case FRAME_UPLINK_STATE:
        link_state(core, uplink, &frame->uplink_state);
        break;
    case FRAME_DELIVERED:
        delivery_done(core, uplink, &frame->delivered);
        break;
    case FRAME_COMMAND:
        commands_platform(core, uplink, &frame->command);
        break;
    case FRAME_ALERT:
        if (u->recover_pending && (frame->alert.flags & ALERT_RECOVERED))
            alerts_recover(core, &frame->alert);
        break;
    case FRAME_OPEN_END:
        u->recover_pending = false;
        break;
    default:
        supervisor_bad(core, u->worker, "sent a frame that an uplink does not send");
        break;
    }
}

void uplinks_stored(struct core *core)
{
    for (unsigned i = 0; core->open_unsure && i < UPLINKS_MAX; i++)
        core->uplinks[i].open_wanted = true;
    core->open_unsure = false;
}

static bool may_list(const struct core *core, const struct uplink *u)
{
    return u->settings && u->up && u->open_wanted && !u->recover_pending && supervisor_running(core, u->worker);
}

/* When a link that is down is to be told. */
static int64_t told_at(const struct uplink *u)
{
    return u->settings && !u->up && !u->down_told ? u->since + LINK_DOWN_TOLD : NEVER;
}

void uplinks_tick(struct core *core)
{
    bool list_due = core->now - core->open_told >= OPEN_LIST_EVERY;
    if (core->open_dirty) {
        for (unsigned i = 0; i < UPLINKS_MAX; i++)
            core->uplinks[i].open_wanted = true;
        core->open_dirty = false;
        uplinks_status(core);
    }
    for (unsigned i = 0; i < UPLINKS_MAX; i++) {
        struct uplink *u = &core->uplinks[i];
        if (told_at(u) <= core->now) {
            u->down_told = true;
            technical_link(core, u, true);
        }
        if (!u->settings || !u->up || !supervisor_running(core, u->worker))
            continue;
        if (may_list(core, u) && list_due) {
            send_open_list(core, u);
            core->open_told = core->now;
        }
        if ((u->status_wanted && list_due) || u->status_due <= core->now)
            send_status(core, u);
    }
}

int64_t uplinks_deadline(const struct core *core)
{
    int64_t first = NEVER;
    for (unsigned i = 0; i < UPLINKS_MAX; i++) {
        const struct uplink *u = &core->uplinks[i];
        first = told_at(u) < first ? told_at(u) : first;
        if (!u->settings || !u->up || !supervisor_running(core, u->worker))
            continue;
        int64_t due = u->status_due;
        if ((u->status_wanted || may_list(core, u)) && core->open_told + OPEN_LIST_EVERY < due)
            due = core->open_told + OPEN_LIST_EVERY;
        first = due < first ? due : first;
    }
    return core->open_dirty ? core->now : first;
}
