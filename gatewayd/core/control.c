#include "control.h"

#include <stdio.h>
#include <stdlib.h>

#include "../base/text.h"
#include "alerts.h"
#include "answers.h"
#include "delivery.h"
#include "detectors.h"
#include "modes.h"
#include "outbox.h"
#include "selftest.h"
#include "sensors.h"
#include "sources.h"
#include "store_link.h"
#include "supervisor.h"
#include "timeline.h"
#include "uplinks.h"

#define WAITING_ROWS 32u
#define CLIENT_TOKEN UINT64_C(0x4300000000000000)

static void reply(struct core *core, unsigned client)
{
    if (core->clients[client].used && !core->port.reply(core->port.context, client, &core->out))
        core->clients[client].used = false;
}

static void end(struct core *core, unsigned client, bool ok, const char *text)
{
    frame_init(&core->out, FRAME_CTL_END);
    core->out.ctl_end.ok = ok;
    text_copy(core->out.ctl_end.text, sizeof(core->out.ctl_end.text), text);
    reply(core, client);
}

static const char *health(const struct core *core, unsigned number)
{
    const struct worker *w = &core->workers[number];
    if (w->state != WORKER_RUNNING)
        return "down";
    if (w->role == ROLE_DETECTOR) {
        const struct detector *d = &core->detectors[number - WORKER_DETECTOR_0];
        bool learning = d->health.state == GW_HEALTH_LEARNING;
        return d->blind ? "blind" : !d->live ? "catching up" : learning ? "learning" : "ok";
    }
    if (w->role == ROLE_UPLINK)
        return core->uplinks[number - WORKER_UPLINK_0].up ? "connected" : "no link";
    if (w->role == ROLE_STORE && core->store.degraded)
        return "no answer";
    return "ok";
}

static void worker_row(struct core *core, unsigned client, unsigned number)
{
    const struct worker *w = &core->workers[number];
    frame_init(&core->out, FRAME_CTL_WORKER);
    struct frame_ctl_worker *r = &core->out.ctl_worker;
    text_copy(r->name, sizeof(r->name), w->name);
    text_copy(r->state, sizeof(r->state), supervisor_state_name(w->state));
    text_copy(r->health, sizeof(r->health), health(core, number));
    text_copy(r->cause, sizeof(r->cause), w->cause);
    if (w->role == ROLE_DETECTOR && core->detectors[number - WORKER_DETECTOR_0].settings) {
        const struct detector *d = &core->detectors[number - WORKER_DETECTOR_0];
        text_copy(r->plugin, sizeof(r->plugin), d->settings->plugin);
        if (d->health.text_en[0])
            text_copy(r->cause, sizeof(r->cause), d->health.text_en);
    }
    if (w->role == ROLE_UPLINK && core->uplinks[number - WORKER_UPLINK_0].text[0])
        text_copy(r->cause, sizeof(r->cause), core->uplinks[number - WORKER_UPLINK_0].text);
    r->pid = w->pid;
    r->starts = w->starts;
    r->deaths = w->deaths;
    r->since_ms = core->now - w->since;
    r->next_start_ms = w->state == WORKER_WAITING && w->deadline != NEVER ? w->deadline - core->now : -1;
    reply(core, client);
}

/* Goes before everything that carries times: it says in which zone they are to be told. */
static void home_row(struct core *core, unsigned client)
{
    frame_init(&core->out, FRAME_CTL_HOME);
    uplinks_fill_status(core, &core->out.status);
    reply(core, client);
}

static void status(struct core *core, unsigned client)
{
    home_row(core, client);
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        if (core->workers[i].state != WORKER_UNUSED)
            worker_row(core, client, i);
    end(core, client, true, "");
}

static void waiting_row(struct core *core, unsigned client, const struct outbox_entry *e, unsigned uplink)
{
    frame_init(&core->out, FRAME_CTL_WAITING);
    struct frame_ctl_waiting *r = &core->out.ctl_waiting;
    r->alert = e->alert.id;
    r->rev = e->alert.rev;
    r->class_ = e->alert.class_;
    r->times = e->to[uplink].times;
    r->why = delivery_waits_for(core, e, uplink);
    r->since_ms = core->now - e->made;
    text_copy(r->detector, sizeof(r->detector), e->alert.detector);
    text_copy(r->kind, sizeof(r->kind), e->alert.kind);
    text_copy(r->uplink, sizeof(r->uplink), core->uplinks[uplink].settings->link.name);
    text_copy(r->text, sizeof(r->text), r->why == WAITING_LINK ? core->uplinks[uplink].text : "");
    reply(core, client);
}

/* The oldest entries; the status row says how many there are in all. */
static void waiting_rows(struct core *core, unsigned client)
{
    uint64_t after = 0;
    for (unsigned rows = 0; rows < WAITING_ROWS; rows++) {
        const struct outbox_entry *next = NULL;
        for (unsigned i = 0; i < core->outbox_top; i++) {
            const struct outbox_entry *e = &core->outbox[i];
            if (e->used && e->pending && e->seq > after && (!next || e->seq < next->seq))
                next = e;
        }
        if (!next)
            return;
        after = next->seq;
        for (unsigned u = 0; u < UPLINKS_MAX; u++)
            if (next->pending >> u & 1u && core->uplinks[u].settings)
                waiting_row(core, client, next, u);
    }
}

/* What the promises look like from outside. */
static void health_report(struct core *core, unsigned client)
{
    home_row(core, client);
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        if (core->workers[i].state != WORKER_UNUSED)
            worker_row(core, client, i);
    waiting_rows(core, client);
    end(core, client, true, "");
}

static void sensor_row(struct core *core, unsigned client, uint32_t slot)
{
    const struct sensor *s = &core->sensors[slot];
    frame_init(&core->out, FRAME_CTL_SENSOR);
    struct frame_ctl_sensor *r = &core->out.ctl_sensor;
    r->slot = (uint16_t)slot;
    r->kind = s->settings->kind;
    r->available = s->available;
    text_copy(r->name, sizeof(r->name), s->name);
    text_copy(r->room, sizeof(r->room), s->settings->room);
    char source[TEXT_SIZE * 2];
    if (s->settings->source == SOURCE_GPIO)
        snprintf(source, sizeof(source), "gpio %s:%s", s->settings->gpio.chip, s->settings->gpio.line);
    else
        snprintf(source, sizeof(source), "mqtt %s", s->settings->mqtt.topic);
    text_copy(r->source, sizeof(r->source), source);
    r->value = s->value;
    r->at = s->at;
    r->heard = s->heard;
    r->battery = s->battery;
    r->link = s->link;
    r->qos = s->qos;
    r->battery_low = s->battery_low;
    r->tamper = s->tamper;
    r->urgent = kind_info((enum kind)s->settings->kind)->urgent;
    r->bad_payloads = s->bad_payloads;
    r->lines_lost = s->lines_lost;
    r->readings = s->readings;
    text_copy(r->note, sizeof(r->note), s->note);
    reply(core, client);
}

static void sensor_rows(struct core *core, unsigned client)
{
    for (uint32_t i = 0; i < core->n_sensors; i++)
        if (core->sensors[i].settings)
            sensor_row(core, client, i);
}

static void alert_rows(struct core *core, unsigned client, bool all)
{
    home_row(core, client);
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert_slot *s = &core->alerts[i];
        if (!s->used || (!all && !alerts_open(&s->alert)))
            continue;
        frame_init(&core->out, FRAME_ALERT);
        core->out.alert = s->alert;
        outbox_mark(&core->out.alert, outbox_is_durable(core, core->out.alert.id));
        timeline_label(core, &core->out.alert);
        reply(core, client);
    }
    end(core, client, true, "");
}

static void ask_page(struct core *core, unsigned client)
{
    struct client *c = &core->clients[client];
    frame_init(&core->out, FRAME_HISTORY_QUERY);
    struct frame_history_query *q = &core->out.history_query;
    q->token = CLIENT_TOKEN | (uint64_t)client << 32 | (uint32_t)++c->token;
    q->from_id = c->next_id;
    q->from_log = c->from_log;
    q->to_id = c->to_id;
    q->limit = READINGS_PER_FRAME;
    memcpy(q->slots, c->slots, sizeof(q->slots));
    c->history = true;
    if (!store_link_send(core)) {
        c->history = false;
        end(core, client, false, "the store does not answer; try again in a minute");
    }
}

static bool choose_slots(struct core *core, struct client *c, const char *name)
{
    memset(c->slots, 0, sizeof(c->slots));
    uint16_t slot = name[0] ? sensors_find(core, name) : UINT16_MAX;
    if (name[0] && slot == UINT16_MAX)
        return false;
    for (uint32_t i = 0; i < core->n_sensors; i++)
        if (!name[0] || i == slot)
            c->slots[i / 64] |= UINT64_C(1) << (i % 64);
    return true;
}

static void history(struct core *core, unsigned client, const struct frame_ctl_request *r)
{
    struct client *c = &core->clients[client];
    if (!choose_slots(core, c, r->name)) {
        end(core, client, false, "there is no sensor of that name");
        return;
    }
    home_row(core, client);
    sensor_rows(core, client);
    c->next_id = 1;
    c->to_id = core->store.next_id ? core->store.next_id - 1 : 0;
    c->from_log = r->since_ms > 0 ? timeline_now(core) - r->since_ms : 0;
    ask_page(core, client);
}

bool control_history(struct core *core, const struct frame_history *h)
{
    unsigned client = (unsigned)(h->token >> 32) & 0xffu;
    if ((h->token & UINT64_C(0xff00000000000000)) != CLIENT_TOKEN || client >= CLIENTS_MAX)
        return false;
    struct client *c = &core->clients[client];
    if (!c->used || !c->history || (uint32_t)h->token != (uint32_t)c->token)
        return true;
    c->history = false;
    if (h->n) {
        frame_init(&core->out, FRAME_HISTORY);
        core->out.history.wall_minus_log = h->wall_minus_log;
        core->out.history.clock = h->clock;
        memcpy(core->out.history.reading, h->reading, h->n * sizeof(h->reading[0]));
        frame_set_n(&core->out, h->n);
        reply(core, client);
    }
    if (!h->next_id || h->next_id <= c->next_id) {
        end(core, client, true, "");
        return true;
    }
    c->next_id = h->next_id;
    if (c->used)
        ask_page(core, client);
    return true;
}

void control_query_failed(struct core *core)
{
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        if (!core->clients[i].used || !core->clients[i].history)
            continue;
        core->clients[i].history = false;
        end(core, i, false, "the store went away; try again");
    }
}

static bool event_by_name(const char *name, double *value)
{
    static const char *const names[] = {"press", "double", "long", "cord", "release", "cancel", "fall", "alarm"};
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        *value = (double)(GW_EVENT_PRESS + (int)i);
        return true;
    }
    return false;
}

const char *control_test_press(struct core *core, const char *name)
{
    uint16_t slot = sensors_find(core, name);
    if (slot == UINT16_MAX || !core->timeline.started)
        return "there is no sensor of that name";
    struct reading reading = {.sensor = slot, .type = GW_VALUE, .value = 1, .flags = GW_TEST, .origin = 1};
    switch (core->sensors[slot].settings->kind) {
    case KIND_BUTTON:
    case KIND_CORD:
    case KIND_FALL:
        reading.type = GW_EVENT;
        reading.value = core->sensors[slot].settings->kind == KIND_BUTTON ? GW_EVENT_PRESS
                        : core->sensors[slot].settings->kind == KIND_CORD ? GW_EVENT_CORD
                                                                          : GW_EVENT_FALL;
        break;
    default:
        break;
    }
    core_log(core, 5, "test of %s, ordered by the platform", name);
    sources_take_own(core, slot, reading.type, reading.value, GW_TEST);
    return NULL;
}

static void silent_test(struct core *core, unsigned client)
{
    if (!core->timeline.started || core->settings->n_uplinks == 0) {
        end(core, client, false, "there is no platform that could answer a test alarm");
        return;
    }
    selftest_run(core);
    end(core, client, true, "the silent test alarm is on its way; `gatewayctl alerts --all` shows the answer");
}

static void settle_client(struct core *core, unsigned client)
{
    struct client *c = &core->clients[client];
    bool stored = !outbox_is_uncommitted(core, c->waits_for);
    if (!stored && !core->store.degraded)
        return;
    c->waits_for = 0;
    char text[TEXT_SIZE];
    snprintf(text, sizeof(text), "%s%s", c->answer, stored ? "" : "; the disk does not have it yet");
    end(core, client, true, text);
}

void control_settle(struct core *core)
{
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        if (core->clients[i].used && core->clients[i].waits_for)
            settle_client(core, i);
}

/* Done; answered when what the outbox has got since `before` is on the disk. answer: static text. */
static void end_when_stored(struct core *core, unsigned client, uint64_t before, const char *answer)
{
    struct client *c = &core->clients[client];
    if (core->outbox_seq == before) {
        end(core, client, true, answer);
        return;
    }
    c->answer = answer;
    c->waits_for = core->outbox_seq;
    settle_client(core, client);
}

static void order_mode(struct core *core, unsigned client, const struct frame_ctl_request *r)
{
    const uint64_t before = core->outbox_seq;
    int mode = modes_by_name(r->name);
    enum mode_answer answer = mode < 0 ? MODE_UNKNOWN : MODE_NOT_NOW;
    if (mode >= 0 && core->timeline.started)
        answer = modes_order(core, (uint32_t)mode, r->since_ms, r->value[0] ? r->value : "local");
    if (answer == MODE_OK)
        end_when_stored(core, client, before, modes_answer(answer));
    else
        end(core, client, false, modes_answer(answer));
}

static void test(struct core *core, unsigned client, const struct frame_ctl_request *r)
{
    uint16_t slot = sensors_find(core, r->name);
    struct reading reading = {.sensor = slot, .type = GW_VALUE, .flags = GW_TEST, .origin = 1};
    if (slot == UINT16_MAX) {
        end(core, client, false, "there is no sensor of that name; `gatewayctl sensors` lists them");
        return;
    }
    if (event_by_name(r->value, &reading.value))
        reading.type = GW_EVENT;
    else if (!text_number(r->value, &reading.value)) {
        end(core, client, false,
            "the value is a number (1, 0, 21.5) or an event (press, long, double, cord, cancel, fall, alarm)");
        return;
    }
    if (!core->timeline.started || !sensors_reading_ok(core, &reading)) {
        end(core, client, false, "a sensor of this kind cannot say that; levels are 1 or 0");
        return;
    }
    core_log(core, 5, "test reading for %s: %s", r->name, r->value);
    sources_take_own(core, slot, reading.type, reading.value, GW_TEST);
    end(core, client, true, "sent as a test; what it raises is marked as test");
}

static void acknowledge(struct core *core, unsigned client, const struct frame_ctl_request *r)
{
    const uint64_t before = core->outbox_seq;
    switch (answers_acknowledge(core, r->alert, r->value[0] ? r->value : "local", "", true)) {
    case ANSWER_OK:
        end_when_stored(core, client, before, "recorded as local; it lights no light and stops no escalation");
        break;
    case ANSWER_ALREADY:
        end(core, client, true, "already acknowledged or over");
        break;
    default:
        end(core, client, false, "no open alert has this id; `gatewayctl alerts` lists them");
        break;
    }
}

static void watch(struct core *core, unsigned client)
{
    sensor_rows(core, client);
    core->clients[client].watching = true;
    core->clients[client].next_id = core->timeline.next_id;
}

void control_request(struct core *core, unsigned client, const struct frame_ctl_request *r)
{
    struct client *c = &core->clients[client];
    const uint64_t token = c->token; /* goes on: an answer to the former client may still come */
    memset(c, 0, sizeof(*c));
    c->token = token;
    c->used = true;
    switch (r->verb) {
    case CTL_STATUS:
        status(core, client);
        break;
    case CTL_HEALTH:
        health_report(core, client);
        break;
    case CTL_SENSORS:
        sensor_rows(core, client);
        end(core, client, true, "");
        break;
    case CTL_ALERTS:
        alert_rows(core, client, r->flags & 1u);
        break;
    case CTL_HISTORY:
        history(core, client, r);
        break;
    case CTL_WATCH:
        watch(core, client);
        break;
    case CTL_ACK:
        acknowledge(core, client, r);
        break;
    case CTL_TEST:
        if (r->name[0])
            test(core, client, r);
        else
            silent_test(core, client);
        break;
    case CTL_MODE:
        order_mode(core, client, r);
        break;
    case CTL_RELOAD:
        core->port.want_reload(core->port.context, client);
        break;
    default:
        end(core, client, false, "this gateway does not know that request");
        break;
    }
}

void control_gone(struct core *core, unsigned client)
{
    core->clients[client].used = false;
}

static void watch_client(struct core *core, unsigned client)
{
    struct client *c = &core->clients[client];
    if (c->next_id < core->timeline.first_id)
        c->next_id = core->timeline.first_id;
    while (c->used && c->next_id < core->timeline.next_id) {
        struct frame *out = frame_init(&core->out, FRAME_READINGS);
        uint32_t n = 0;
        while (n < READINGS_PER_FRAME && c->next_id < core->timeline.next_id)
            out->readings.reading[n++] = *timeline_get(core, c->next_id++);
        frame_set_n(out, n);
        reply(core, client);
    }
}

void control_watch_tail(struct core *core)
{
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        if (core->clients[i].used && core->clients[i].watching)
            watch_client(core, i);
}

void control_watch_alert(struct core *core, const struct alert *alert)
{
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        if (!core->clients[i].used || !core->clients[i].watching)
            continue;
        frame_init(&core->out, FRAME_ALERT);
        core->out.alert = *alert;
        outbox_mark(&core->out.alert, outbox_is_durable(core, core->out.alert.id));
        reply(core, i);
    }
}
