#include "core_world.h"

#include "made_settings.h"

static void keep(void *context, unsigned worker, const struct frame *frame)
{
    struct world *w = context;
    assert_true(w->n_sent < sizeof(w->sent) / sizeof(w->sent[0]));
    struct sent *s = calloc(1, sizeof(*s));
    s->worker = worker;
    memcpy(&s->frame, frame, frame->header.length);
    const char *why = "";
    if (!frame_check(&s->frame, frame->header.length, &why))
        fail_msg("the core sends a bad %s frame: %s", frame_type_name(frame->header.type), why);
    w->sent[w->n_sent++] = s;
}

static void start(void *context, unsigned worker, enum worker_role role, const char *name)
{
    (void)role, (void)name;
    ((struct world *)context)->starts[worker]++;
}

static void kill_it(void *context, unsigned worker)
{
    ((struct world *)context)->kills[worker]++;
}

static bool reply(void *context, unsigned client, const struct frame *frame)
{
    struct world *w = context;
    (void)client;
    if (w->n_replies < sizeof(w->reply) / sizeof(w->reply[0]))
        memcpy(&w->reply[w->n_replies++], frame, frame->header.length);
    return true;
}

static void ready(void *context)
{
    ((struct world *)context)->ready = true;
}

static void want_reload(void *context, unsigned client)
{
    (void)context, (void)client;
}

static void log_it(void *context, int level, const char *text)
{
    struct world *w = context;
    size_t used = strlen(w->log);
    snprintf(w->log + used, sizeof(w->log) - used, "<%d>%s\n", level, text);
}

void world_make(struct world *w)
{
    memset(w, 0, sizeof(*w));
    struct settings *s = &w->settings;
    made_home(s, "/plugins");
    s->sensors = w->sensors;
    s->detectors = w->detectors;
    s->uplinks = w->uplinks;
    s->outputs = w->outputs;
    made_sensor(&w->sensors[s->n_sensors++], "button", KIND_BUTTON, SOURCE_MQTT, "button");
    made_sensor(&w->sensors[s->n_sensors++], "door", KIND_CONTACT, SOURCE_MQTT, "door");
    made_sensor(&w->sensors[s->n_sensors++], "bed", KIND_BED, SOURCE_GPIO, "1");
    made_uplink(&w->uplinks[s->n_uplinks++], "platform", false);
    made_detector(&w->detectors[s->n_detectors++], "call", "call");
    made_detector(&w->detectors[s->n_detectors++], "door-watch", "door");
    made_light(&w->outputs[s->n_outputs++], "2");
    w->now = 1000000;
    w->auto_commit = w->auto_history = true;
}

void world_begin(struct world *w)
{
    const struct core_port port = {w, keep, start, kill_it, reply, ready, want_reload, log_it};
    const struct core_start begin = {.now = w->now,
                                     .boot_id = BOOT_A,
                                     .run_dir = "/run",
                                     .config_fallback = w->config_error != NULL,
                                     .config_error = w->config_error};
    w->core = core_create(&w->settings, &port, &begin);
    assert_non_null(w->core);
}

struct frame *world_new(struct world *w, enum frame_type type)
{
    return frame_init(&w->scratch, type);
}

/* What the workers would answer by themselves to what the core has sent since. */
static void workers_answer(struct world *w)
{
    while (w->n_answered < w->n_sent) {
        const unsigned i = w->n_answered++;
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_PING && !w->deaf[w->sent[i]->worker]) {
            world_new(w, FRAME_PONG);
            world_say(w, w->sent[i]->worker, FRAME_PONG);
        }
        if (f->header.type == FRAME_HISTORY_QUERY && w->auto_history) {
            uint64_t token = f->history_query.token;
            world_new(w, FRAME_HISTORY)->history.token = token;
            world_say(w, STORE, FRAME_HISTORY);
        }
        if (w->sent[i]->worker != STORE || !w->auto_commit)
            continue;
        if (f->header.type == FRAME_STORE_COMMIT)
            world_done(w, STORE_DONE_COMMIT, f->commit.token, false);
        else if (f->header.type == FRAME_READINGS && f->readings.flags & READINGS_URGENT)
            world_done(w, STORE_DONE_READINGS, f->readings.reading[f->readings.n - 1].id, false);
    }
}

void world_say(struct world *w, unsigned worker, enum frame_type type)
{
    const char *why = "";
    assert_int_equal(w->scratch.header.type, type);
    if (!frame_check(&w->scratch, w->scratch.header.length, &why))
        fail_msg("the test sends a bad %s frame: %s", frame_type_name(type), why);
    core_frame(w->core, w->now, worker, &w->scratch);
    workers_answer(w);
}

void world_done(struct world *w, enum store_done what, uint64_t token, bool failed)
{
    struct frame *f = world_new(w, FRAME_STORE_DONE);
    f->done.what = what;
    f->done.token = token;
    f->done.failed = failed;
    world_say(w, STORE, FRAME_STORE_DONE);
}

void world_loaded(struct world *w, unsigned worker)
{
    world_new(w, FRAME_HELLO);
    w->scratch.hello.version = FRAME_VERSION;
    w->scratch.hello.pid = 100 + worker;
    text_copy(w->scratch.hello.role, NAME_SIZE, "x");
    world_say(w, worker, FRAME_HELLO);
    if (worker >= DETECTOR) {
        bool call = worker == DETECTOR;
        struct frame_plugin_info *p = &world_new(w, FRAME_PLUGIN_INFO)->plugin_info;
        text_copy(p->name, NAME_SIZE, call ? "call" : "door");
        p->n_alerts = 1;
        p->momentary = call;
        p->history = call ? 0 : 3600000;
        p->abi_major = GW_ABI_MAJOR;
        world_say(w, worker, FRAME_PLUGIN_INFO);
        struct frame_plugin_alert *a = &world_new(w, FRAME_PLUGIN_ALERT)->plugin_alert;
        text_copy(a->name, NAME_SIZE, call ? "call" : "open");
        a->class_ = call ? GW_EMERGENCY : GW_WARNING;
        a->flags = !call ? 0 : w->visit ? GW_ALERT_VISIT : GW_ALERT_MOMENTARY;
        world_say(w, worker, FRAME_PLUGIN_ALERT);
        world_new(w, FRAME_PLUGIN_END);
        world_say(w, worker, FRAME_PLUGIN_END);
        struct frame_bind *b = &world_new(w, FRAME_BIND)->bind;
        text_copy(b->role, NAME_SIZE, call ? "buttons" : "door");
        b->slot = call ? 0 : 1;
        b->required = 1;
        world_say(w, worker, FRAME_BIND);
    }
    world_new(w, FRAME_READY);
    world_say(w, worker, FRAME_READY);
}

void world_ready(struct world *w, unsigned worker)
{
    world_loaded(w, worker);
    if (worker >= DETECTOR)
        world_answer(w, worker, NULL);
}

void world_store_loads(struct world *w, uint64_t last_id, int64_t last_log)
{
    struct frame_store_state *s = &world_new(w, FRAME_STORE_STATE)->store_state;
    s->last_id = s->stored_id = last_id;
    s->last_log = last_log;
    s->boot = 7;
    world_say(w, STORE, FRAME_STORE_STATE);
    world_new(w, FRAME_READY);
    world_say(w, STORE, FRAME_READY);
}

void world_everybody_ready(struct world *w)
{
    world_ready(w, GPIO);
    world_ready(w, MQTT);
    for (unsigned i = 0; i < w->settings.n_uplinks; i++)
        world_ready(w, UPLINK + i);
    for (unsigned i = 0; i < w->settings.n_detectors; i++)
        world_ready(w, DETECTOR + i);
}

void world_open(struct world *w)
{
    world_begin(w);
    core_wall(w->core, w->now, 1700000000000, CLOCK_SYNCED);
    world_store_loads(w, 0, 0);
    world_everybody_ready(w);
    world_link(w, UPLINK, true, true);
    world_wait(w, 1100);
    world_forget(w);
}

void world_close(struct world *w)
{
    core_destroy(w->core);
    w->core = NULL;
    world_forget(w);
}

void world_wait(struct world *w, int64_t ms)
{
    int64_t end = w->now + ms;
    for (unsigned guard = 0; guard < 100000; guard++) {
        int64_t due = core_deadline(w->core);
        if (due > end)
            break;
        w->now = due > w->now ? due : w->now;
        core_tick(w->core, w->now);
        workers_answer(w);
        if (core_deadline(w->core) <= w->now && guard > 1000)
            fail_msg("the core asks for the same moment for ever; its log:\n%s", w->log);
    }
    w->now = end;
    core_tick(w->core, w->now);
}

void world_reading(struct world *w, unsigned source, uint16_t slot, uint32_t type, double value, uint32_t flags,
                   bool urgent)
{
    struct frame *f = world_new(w, FRAME_READINGS);
    struct reading *r = &f->readings.reading[0];
    memset(r, 0, sizeof(*r));
    r->origin = ((uint64_t)(source * 2 + urgent + 1) << 32) + ++w->next_origin;
    r->at = w->now;
    r->sensor = slot;
    r->type = (uint8_t)type;
    r->value = value;
    r->flags = (uint8_t)flags;
    f->readings.flags = urgent ? READINGS_URGENT : 0;
    frame_set_n(f, 1);
    world_say(w, source, FRAME_READINGS);
}

struct frame_condition world_condition(const struct world *w, uint32_t kind, uint64_t episode, const char *key)
{
    const struct frame *batch = NULL;
    for (unsigned i = 0; i < w->n_sent; i++)
        if (w->sent[i]->frame.header.type == FRAME_BATCH && w->sent[i]->worker >= DETECTOR)
            batch = &w->sent[i]->frame;
    assert_non_null(batch);
    struct frame_condition c = {
        .raised = 1, .kind = kind, .episode = episode, .at = batch->batch.until, .since = batch->batch.until};
    c.reading = batch->batch.n ? batch->batch.reading[batch->batch.n - 1].id : 0;
    if (batch->batch.n)
        c.at = c.since = batch->batch.reading[batch->batch.n - 1].at;
    text_copy(c.key, sizeof(c.key), key);
    text_copy(c.text_en, sizeof(c.text_en), "text");
    text_copy(c.text_zh, sizeof(c.text_zh), "文字");
    return c;
}

void world_answer(struct world *w, unsigned detector, const struct frame_condition *condition)
{
    const struct frame *batch = world_last(w, detector, FRAME_BATCH);
    assert_non_null(batch);
    uint64_t token = batch->batch.token;
    if (condition) {
        world_new(w, FRAME_CONDITION)->condition = *condition;
        world_say(w, detector, FRAME_CONDITION);
    }
    struct frame_batch_done *d = &world_new(w, FRAME_BATCH_DONE)->batch_done;
    d->token = token;
    d->raises = condition ? 1 : 0;
    world_say(w, detector, FRAME_BATCH_DONE);
}

void world_link(struct world *w, unsigned uplink, bool up, bool session)
{
    struct frame_uplink_state *s = &world_new(w, FRAME_UPLINK_STATE)->uplink_state;
    s->link = up ? LINK_UP : LINK_DOWN;
    s->session_present = session;
    world_say(w, uplink, FRAME_UPLINK_STATE);
}

void world_command(struct world *w, enum verb verb, uint64_t alert, uint32_t rev)
{
    struct frame_command *c = &world_new(w, FRAME_COMMAND)->command;
    c->token = 1;
    c->verb = verb;
    c->alert = alert;
    c->rev = rev;
    world_say(w, UPLINK, FRAME_COMMAND);
}

void world_die(struct world *w, unsigned worker, int signal)
{
    core_exited(w->core, w->now, worker, (struct worker_death){DEATH_SIGNAL, signal});
    workers_answer(w);
}

const struct frame *world_last(const struct world *w, unsigned worker, enum frame_type type)
{
    for (unsigned i = w->n_sent; i-- > 0;)
        if (w->sent[i]->worker == worker && w->sent[i]->frame.header.type == type)
            return &w->sent[i]->frame;
    return NULL;
}

unsigned world_count(const struct world *w, unsigned worker, enum frame_type type)
{
    unsigned n = 0;
    for (unsigned i = 0; i < w->n_sent; i++)
        n += w->sent[i]->worker == worker && w->sent[i]->frame.header.type == type;
    return n;
}

int world_place(const struct world *w, unsigned worker, enum frame_type type)
{
    for (unsigned i = 0; i < w->n_sent; i++)
        if (w->sent[i]->worker == worker && w->sent[i]->frame.header.type == type)
            return (int)i;
    return -1;
}

void world_forget(struct world *w)
{
    if (w->core)
        workers_answer(w); /* what a test did to the core itself: a reload, the wall clock */
    for (unsigned i = 0; i < w->n_sent; i++)
        free(w->sent[i]);
    w->n_sent = w->n_answered = 0;
    w->n_replies = 0;
}

bool world_raised(const struct world *w, const char *kind)
{
    for (unsigned i = 0; i < w->n_sent; i++) {
        const struct frame *f = &w->sent[i]->frame;
        if (f->header.type == FRAME_SEND && f->send.alert.state == ALERT_RAISED &&
            strcmp(f->send.alert.kind, kind) == 0)
            return true;
    }
    return false;
}
