/* The outbox, with the n-th frame that the core sends going wrong, for every n: it is lost and its receiver dead, or
 * disk or broker refuse it, or the core itself ends at that moment. Whatever it was, every call reaches the platform,
 * and a revision of an alert always says the same. And the core with the n-th allocation failing. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/core.h"
#include "fuzz.h"
#include "home.h"
#include "points.h"

#define BOOT    "11111111-2222-3333-4444-555555555555"
#define QUEUE   4096
#define ALERTS  64
#define STORED  256
#define QUIET   (INT64_C(10) * 60 * 1000)
#define PRESSES 3
#define LOG     256

enum failure { LOST, REFUSED, ENDED };

struct told { /* what the platform has of an alert */
    uint64_t id;
    uint32_t rev;
    uint16_t state;
    char kind[NAME_SIZE];
};

struct world {
    struct core *core;
    struct home home;
    int64_t now;
    enum failure failure;
    bool running[WORKERS_MAX], dead[WORKERS_MAX]; /* dead: to be told to the core */
    bool failed, ended;                           /* ended: the core is to be started anew */
    struct {
        unsigned worker;
        struct frame *frame;
        bool refuse;
    } queue[QUEUE];
    unsigned first, n;
    struct frame_commit *stored[STORED]; /* the store's disk: newest revision per alert and uplink mask */
    unsigned n_stored;
    struct frame_cursor cursor[2];
    struct reading log[LOG];
    unsigned n_log;
    struct told told[ALERTS];
    unsigned n_told;
    uint32_t presses, confirmed; /* of the source: pressed, and need not be said again */
    struct frame frame;
};

/* ---- the port ---- */

static void send(void *context, unsigned worker, const struct frame *frame)
{
    struct world *w = context;
    if (w->ended)
        return;
    assert_true(w->running[worker] && w->n < QUEUE);
    bool fails = !w->failed && points_fail(POINT_FILE);
    w->failed |= fails;
    if (fails && w->failure != REFUSED) {
        w->dead[worker] = w->failure == LOST;
        w->ended = w->failure == ENDED;
        return;
    }
    if (w->dead[worker])
        return;
    struct frame *copy = malloc(frame->header.length);
    assert_non_null(copy);
    memcpy(copy, frame, frame->header.length);
    w->queue[w->n].worker = worker;
    w->queue[w->n].refuse = fails;
    w->queue[w->n++].frame = copy;
}

static void send_nowhere(void *context, unsigned worker, const struct frame *frame)
{
    (void)context, (void)worker, (void)frame;
}

static void start(void *context, unsigned worker, enum worker_role role, const char *name)
{
    struct world *w = context;
    (void)role, (void)name;
    assert_true(w->ended || !w->running[worker]);
    w->running[worker] = true;
}

static void kill_it(void *context, unsigned worker)
{
    ((struct world *)context)->dead[worker] = true;
}

static bool reply(void *context, unsigned client, const struct frame *frame)
{
    (void)context, (void)client, (void)frame;
    return true;
}

static void ready(void *context)
{
    (void)context;
}

static void want_reload(void *context, unsigned client)
{
    (void)context, (void)client;
}

static void log_it(void *context, int level, const char *text)
{
    (void)context, (void)level, (void)text;
}

/* ---- workers that are well ---- */

static struct frame *begin(struct world *w, enum frame_type type)
{
    return frame_sample(&w->frame, type);
}

static void say(struct world *w, unsigned worker)
{
    assert_true(frame_is_good(&w->frame));
    if (w->running[worker] && !w->dead[worker] && !w->ended)
        core_frame(w->core, w->now, worker, &w->frame);
}

static void keep_cursor(struct world *w, const struct frame_cursor *cursor)
{
    unsigned i = w->cursor[0].detector[0] && strcmp(w->cursor[0].detector, cursor->detector) != 0;
    w->cursor[i] = *cursor;
}

/* A commit is there for good once the store has said DONE. */
static void keep(struct world *w, const struct frame_commit *commit)
{
    unsigned i = 0;
    while (i < w->n_stored &&
           (w->stored[i]->alert.id != commit->alert.id || w->stored[i]->alert.rev != commit->alert.rev))
        i++;
    if (i == w->n_stored) {
        assert_true(w->n_stored < STORED);
        w->stored[w->n_stored++] = malloc(sizeof *commit);
        assert_non_null(w->stored[i]);
    }
    *w->stored[i] = *commit;
    w->stored[i]->token = 0;
    if (commit->has_cursor)
        keep_cursor(w, &commit->cursor);
}

static void keep_readings(struct world *w, const struct frame_readings *readings)
{
    for (uint32_t i = 0; i < readings->n; i++) {
        const struct reading *r = &readings->reading[i];
        if (w->n_log && r->id <= w->log[w->n_log - 1].id)
            continue;
        assert_true(w->n_log < LOG);
        w->log[w->n_log++] = *r;
    }
}

static void answer_query(struct world *w, const struct frame_history_query *query)
{
    struct frame_history *history = &begin(w, FRAME_HISTORY)->history;
    uint32_t n = 0;
    history->token = query->token;
    for (unsigned i = 0; i < w->n_log && n < query->limit; i++)
        if (w->log[i].id >= query->from_id && w->log[i].id <= query->to_id && w->log[i].at >= query->from_log)
            history->reading[n++] = w->log[i];
    frame_set_n(&w->frame, n);
    say(w, STORE);
}

static void say_done(struct world *w, enum store_done what, uint64_t token, bool refused)
{
    begin(w, FRAME_STORE_DONE)->done = (struct frame_done){.what = what, .token = token, .failed = refused};
    say(w, STORE);
}

/* What a disk refuses of readings, the store itself tries again. */
static void store_hears(struct world *w, const struct frame *f, bool refuse)
{
    switch (f->header.type) {
    case FRAME_STORE_COMMIT:
        if (!refuse)
            keep(w, &f->commit);
        say_done(w, STORE_DONE_COMMIT, f->commit.token, refuse);
        break;
    case FRAME_READINGS:
        if (refuse)
            say_done(w, STORE_DONE_READINGS, w->n_log ? w->log[w->n_log - 1].id : 0, true);
        keep_readings(w, &f->readings);
        say_done(w, STORE_DONE_READINGS, w->log[w->n_log - 1].id, false);
        break;
    case FRAME_STORE_CURSOR:
        keep_cursor(w, &f->cursor);
        break;
    case FRAME_HISTORY_QUERY:
        answer_query(w, &f->history_query);
        break;
    default:
        break;
    }
}

static void platform_hears(struct world *w, const struct alert *alert)
{
    unsigned i = 0;
    while (i < w->n_told && w->told[i].id != alert->id)
        i++;
    assert_true(i < ALERTS);
    if (i == w->n_told)
        w->n_told++;
    /* That it was accepted is the platform's own word, and no revision. */
    uint16_t state = alert->state == ALERT_ACCEPTED ? ALERT_RAISED : alert->state;
    if (alert->rev == w->told[i].rev && state != w->told[i].state)
        fail_msg("revision %u of %s (%s) says %s, and has said %s", alert->rev, alert->kind, alert->key,
                 alert_state_name(alert->state), alert_state_name(w->told[i].state));
    if (alert->rev < w->told[i].rev)
        return; /* an older one, sent again: the platform knows it by (id, rev) */
    w->told[i] = (struct told){.id = alert->id, .rev = alert->rev, .state = state};
    text_copy(w->told[i].kind, NAME_SIZE, alert->kind);
}

static void uplink_hears(struct world *w, unsigned worker, const struct frame *f, bool refuse)
{
    if (f->header.type != FRAME_SEND)
        return;
    struct alert alert = f->send.alert;
    if (!refuse)
        platform_hears(w, &alert);
    begin(w, FRAME_DELIVERED)->delivered = (struct frame_delivered){.token = f->send.token, .ok = !refuse};
    say(w, worker);
    if (refuse || alert.class_ != GW_EMERGENCY)
        return;
    struct frame_command *command = &begin(w, FRAME_COMMAND)->command;
    command->alert = alert.id;
    command->rev = alert.rev;
    say(w, worker);
}

/* Every press is an alarm of its own. */
static void call_hears(struct world *w, const struct frame *f)
{
    uint64_t token = f->batch.token;
    unsigned raises = 0;
    const struct frame_batch *batch = &f->batch;
    for (uint32_t i = 0; i < batch->n; i++) {
        if (batch->reading[i].type != GW_EVENT)
            continue;
        struct frame_condition *c = &begin(w, FRAME_CONDITION)->condition;
        c->raised = 1;
        c->episode = batch->reading[i].origin;
        (void)snprintf(c->key, sizeof c->key, "%u", (unsigned)(batch->reading[i].origin & 0xffff));
        c->reading = batch->reading[i].id;
        c->at = c->since = batch->reading[i].at;
        text_copy(c->text_en, sizeof c->text_en, "called");
        raises++;
        say(w, DETECTOR);
    }
    begin(w, FRAME_BATCH_DONE)->batch_done = (struct frame_batch_done){.token = token, .raises = raises};
    say(w, DETECTOR);
}

static void tell_plugin(struct world *w, unsigned worker)
{
    bool call = worker == DETECTOR;
    struct frame_plugin_info *info = &begin(w, FRAME_PLUGIN_INFO)->plugin_info;
    text_copy(info->name, NAME_SIZE, call ? "call" : "door");
    info->n_alerts = 1;
    info->momentary = call;
    info->history = 3600000;
    info->abi_major = GW_ABI_MAJOR;
    say(w, worker);
    struct frame_plugin_alert *alert = &begin(w, FRAME_PLUGIN_ALERT)->plugin_alert;
    text_copy(alert->name, NAME_SIZE, call ? "call" : "open");
    alert->class_ = call ? GW_EMERGENCY : GW_WARNING;
    alert->flags = call ? GW_ALERT_MOMENTARY : 0;
    say(w, worker);
    begin(w, FRAME_PLUGIN_END);
    say(w, worker);
    struct frame_bind *bind = &begin(w, FRAME_BIND)->bind;
    text_copy(bind->role, NAME_SIZE, call ? "buttons" : "door");
    bind->slot = call ? 0 : 1;
    say(w, worker);
}

static void tell_stored(struct world *w)
{
    const struct reading *last = w->n_log ? &w->log[w->n_log - 1] : NULL;
    struct frame_store_state *state = &begin(w, FRAME_STORE_STATE)->store_state;
    state->boot = 7;
    state->last_id = state->stored_id = last ? last->id : 0;
    state->last_log = last ? last->at : 0;
    say(w, STORE);
    for (unsigned i = 0; i < w->n_log; i++) { /* the last one of a ring counts */
        begin(w, FRAME_STORE_RING)->store_ring.origin = w->log[i].origin;
        say(w, STORE);
    }
    for (unsigned i = 0; i < 2; i++)
        if (w->cursor[i].detector[0]) {
            begin(w, FRAME_STORE_CURSOR)->cursor = w->cursor[i];
            say(w, STORE);
        }
    for (unsigned i = 0; i < w->n_stored; i++) {
        begin(w, FRAME_STORE_COMMIT)->commit = *w->stored[i];
        say(w, STORE);
    }
}

/* From its ring: what is not confirmed is said again. */
static void say_presses(struct world *w, uint32_t flags)
{
    for (uint32_t i = w->confirmed + 1; i <= w->presses; i++) {
        struct frame *f = begin(w, FRAME_READINGS);
        f->readings.flags = READINGS_URGENT | flags;
        f->readings.reading[0] = (struct reading){
            .origin = (UINT64_C(6) << 32) + i, .at = w->now, .type = GW_EVENT, .value = GW_EVENT_PRESS};
        say(w, MQTT);
    }
}

/* Its configuration is complete. */
static void come_up(struct world *w, unsigned worker)
{
    begin(w, FRAME_HELLO);
    say(w, worker);
    if (worker >= DETECTOR)
        tell_plugin(w, worker);
    if (worker == STORE)
        tell_stored(w);
    begin(w, FRAME_READY);
    say(w, worker);
    if (worker >= UPLINK && worker < DETECTOR) {
        begin(w, FRAME_UPLINK_STATE)->uplink_state.link = LINK_UP;
        say(w, worker);
    }
    if (worker == MQTT)
        say_presses(w, READINGS_REPLAY);
}

static void hear(struct world *w, unsigned worker, const struct frame *f, bool refuse)
{
    if (f->header.type == FRAME_PING) {
        begin(w, FRAME_PONG);
        say(w, worker);
    } else if (f->header.type == FRAME_CONFIG_END) {
        come_up(w, worker);
    } else if (worker == MQTT && f->header.type == FRAME_CONFIRM && f->confirm.urgent) {
        if (f->confirm.durable >> 32 == 6)
            w->confirmed = (uint32_t)f->confirm.durable;
    } else if (worker == STORE) {
        store_hears(w, f, refuse);
    } else if (worker >= UPLINK && worker < DETECTOR) {
        uplink_hears(w, worker, f, refuse);
    } else if (worker == DETECTOR && f->header.type == FRAME_BATCH) {
        call_hears(w, f);
    } else if (worker > DETECTOR && f->header.type == FRAME_BATCH) {
        begin(w, FRAME_BATCH_DONE)->batch_done.token = f->batch.token;
        say(w, worker);
    }
}

/* ---- life ---- */

static void forget_queue(struct world *w)
{
    for (; w->first < w->n; w->first++)
        free(w->queue[w->first].frame);
    w->first = w->n = 0;
}

static void begin_core(struct world *w)
{
    const struct core_port port = {w, send, start, kill_it, reply, ready, want_reload, log_it};
    const struct core_start with = {.now = w->now, .boot_id = BOOT, .run_dir = "/run"};
    memset(w->running, 0, sizeof w->running);
    memset(w->dead, 0, sizeof w->dead);
    w->ended = false;
    w->core = core_create(&w->home.settings, &port, &with);
    assert_non_null(w->core);
    core_wall(w->core, w->now, 1700000000000 + w->now, CLOCK_SYNCED);
}

/* Deaths, and the core's own end, are told; frames are heard, until nobody has anything to say. */
static void settle(struct world *w)
{
    for (bool busy = true; busy;) {
        busy = false;
        for (unsigned i = 0; i < WORKERS_MAX && !w->ended; i++)
            if (w->dead[i] && w->running[i]) {
                busy = true;
                w->running[i] = w->dead[i] = false;
                core_exited(w->core, w->now, i, (struct worker_death){.how = DEATH_SIGNAL, .code = 9});
            }
        if (w->first < w->n && !w->ended) {
            busy = true;
            unsigned worker = w->queue[w->first].worker;
            struct frame *f = w->queue[w->first].frame;
            bool refuse = w->queue[w->first++].refuse;
            if (w->running[worker] && !w->dead[worker])
                hear(w, worker, f, refuse);
            free(f);
        }
        if (w->first == w->n)
            w->first = w->n = 0;
        if (w->ended) {
            busy = true;
            core_destroy(w->core);
            forget_queue(w);
            w->now += 100;
            begin_core(w);
        }
    }
}

static void pass(struct world *w, int64_t ms)
{
    for (int64_t end = w->now + ms; w->now < end;) {
        int64_t due = core_deadline(w->core);
        w->now = due > w->now ? (due < end ? due : end) : w->now + 1;
        core_tick(w->core, w->now);
        settle(w);
    }
}

static void live(struct world *w, enum failure failure, unsigned n)
{
    memset(w, 0, sizeof *w);
    w->now = 1000000;
    w->failure = failure;
    home_make(&w->home, 0);
    points_arm(POINT_FILE, n, false);
    begin_core(w);
    settle(w);
    for (unsigned i = 0; i < PRESSES; i++) {
        pass(w, 700);
        w->presses++;
        say_presses(w, 0);
        settle(w);
    }
    pass(w, QUIET);
}

static void free_world(struct world *w)
{
    core_destroy(w->core);
    forget_queue(w);
    for (unsigned i = 0; i < w->n_stored; i++)
        free(w->stored[i]);
    free(w);
}

static void check_end(const struct world *w, const char *what, unsigned n)
{
    unsigned calls = 0, logged = 0;
    for (unsigned i = 0; i < w->n_told; i++)
        calls += strcmp(w->told[i].kind, "call") == 0;
    for (unsigned i = 0; i < w->n_log; i++)
        logged += w->log[i].type == GW_EVENT;
    if (calls != PRESSES || w->confirmed != PRESSES || logged != PRESSES)
        fail_msg("%s, frame %u: of %d presses %u reached the platform, %u were confirmed, %u are in the log", what, n,
                 PRESSES, calls, w->confirmed, logged);
}

static unsigned sweep(const char *what, enum failure failure)
{
    unsigned n = 1;
    for (bool hit = true; hit; n++) {
        struct world *w = malloc(sizeof *w);
        assert_non_null(w);
        live(w, failure, n);
        hit = points_disarm();
        check_end(w, what, n);
        free_world(w);
    }
    print_message("%s: %u frames\n", what, n - 2);
    return n - 2;
}

static void a_frame_is_lost_and_its_receiver_dies(void **state)
{
    (void)state;
    assert_true(sweep("lost", LOST) > 60);
}

static void disk_or_broker_refuse_what_a_frame_asks(void **state)
{
    (void)state;
    assert_true(sweep("refused", REFUSED) > 60);
}

static void the_core_ends_in_the_middle_of_a_frame(void **state)
{
    (void)state;
    assert_true(sweep("ended", ENDED) > 60);
}

static void a_core_without_memory_is_none(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof *w);
    home_make(&w->home, 0);
    const struct core_port port = {w, send_nowhere, start, kill_it, reply, ready, want_reload, log_it};
    const struct core_start with = {.now = 1, .boot_id = BOOT, .run_dir = "/run"};
    unsigned n = 0;
    for (bool hit = true; hit;) {
        points_arm(POINT_MEMORY, ++n, false);
        struct core *core = core_create(&w->home.settings, &port, &with);
        hit = points_disarm();
        assert_true((core == NULL) == hit);
        core_destroy(core);
        memset(w->running, 0, sizeof w->running);
    }
    print_message("core_create: %u allocations\n", n - 1);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_lost_and_its_receiver_dies),
        cmocka_unit_test(disk_or_broker_refuse_what_a_frame_asks),
        cmocka_unit_test(the_core_ends_in_the_middle_of_a_frame),
        cmocka_unit_test(a_core_without_memory_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
