/* fuzz_core.c - what workers and gatewayctl say to the core: frames of every type, at every moment, with right and
 * wrong contents. The input is a list of steps: a byte that says which, and what it needs.
 *
 * Whatever comes, the core sends only frames that frame_check takes and only to workers that run, starts none twice,
 * and does not ask for the same moment for ever. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/core.h"
#include "fuzz.h"
#include "home.h"

#define BOOT       "11111111-2222-3333-4444-555555555555"
#define KEPT       4096 /* frames of the core that wait for an answer */
#define ANSWERS    4096 /* in one input */
#define STEPS      512
#define TICKS      300
#define SAME       64 /* ticks in the same millisecond */
#define AUTO_STORE 1u
#define AUTO_OTHER 2u
#define OPENED     4u

struct world {
    struct core *core;
    struct home home[2]; /* the settings in use, and the next */
    unsigned home_now;
    int64_t now;
    uint8_t flags;
    bool running[WORKERS_MAX], dying[WORKERS_MAX];
    struct {
        unsigned worker;
        struct frame *frame;
    } kept[KEPT];
    unsigned first, n, answers;
    uint64_t origin;
    struct frame frame;
};

static void send(void *context, unsigned worker, const struct frame *frame)
{
    struct world *w = context;
    ALWAYS(worker < WORKERS_MAX && w->running[worker]);
    ALWAYS(frame_is_good(frame));
    if (w->n == KEPT)
        return;
    struct frame *copy = malloc(frame->header.length);
    ALWAYS(copy);
    memcpy(copy, frame, frame->header.length);
    w->kept[w->n].worker = worker;
    w->kept[w->n++].frame = copy;
}

static void start(void *context, unsigned worker, enum worker_role role, const char *name)
{
    struct world *w = context;
    ALWAYS(worker < WORKERS_MAX && role < ROLE_COUNT && name[0] && !w->running[worker]);
    w->running[worker] = true;
    w->dying[worker] = false;
}

static void kill_it(void *context, unsigned worker)
{
    struct world *w = context;
    ALWAYS(worker < WORKERS_MAX && w->running[worker]);
    w->dying[worker] = true;
}

static bool reply(void *context, unsigned client, const struct frame *frame)
{
    (void)context;
    ALWAYS(client < CLIENTS_MAX && frame_is_good(frame));
    return frame->header.length % 7 != 0;
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
    (void)context, (void)level;
    ALWAYS(strlen(text) < 512);
}

/* As the daemon does: a frame that frame_check refuses costs its worker its life. In a block of its own length, so that
 * reading beyond what was received is found. */
static void say(struct world *w, unsigned worker, size_t length)
{
    const char *why = "";
    if (!w->running[worker])
        return;
    if (!frame_check(&w->frame, length, &why)) {
        core_bad_worker(w->core, w->now, worker, why);
        return;
    }
    struct frame *exact = malloc(length);
    ALWAYS(exact);
    memcpy(exact, &w->frame, length);
    core_frame(w->core, w->now, worker, exact);
    free(exact);
}

static struct frame *begin(struct world *w, enum frame_type type)
{
    return frame_sample(&w->frame, type);
}

static void die(struct world *w, unsigned worker, int how, int code)
{
    if (!w->running[worker])
        return;
    w->running[worker] = w->dying[worker] = false;
    core_exited(w->core, w->now, worker, (struct worker_death){.how = how % 3, .code = code});
}

static bool answer_store(struct world *w, const struct frame *f)
{
    switch (f->header.type) {
    case FRAME_STORE_COMMIT:
        begin(w, FRAME_STORE_DONE)->done.token = f->commit.token;
        return true;
    case FRAME_READINGS:
        begin(w, FRAME_STORE_DONE)->done.what = STORE_DONE_READINGS;
        w->frame.done.token = f->readings.reading[f->readings.n - 1].id;
        return true;
    case FRAME_HISTORY_QUERY:
        begin(w, FRAME_HISTORY)->history.token = f->history_query.token;
        return true;
    default:
        return false;
    }
}

/* The frame that answers f, in w->frame. */
static bool answer_frame(struct world *w, unsigned worker, const struct frame *f)
{
    if (worker == STORE && answer_store(w, f))
        return true;
    switch (f->header.type) {
    case FRAME_PING:
        begin(w, FRAME_PONG);
        return true;
    case FRAME_BATCH:
        begin(w, FRAME_BATCH_DONE)->batch_done.token = f->batch.token;
        return true;
    case FRAME_SEND:
        begin(w, FRAME_DELIVERED)->delivered = (struct frame_delivered){.token = f->send.token, .ok = 1};
        return true;
    case FRAME_CONFIG_END:
        begin(w, FRAME_READY);
        return true;
    default:
        return false;
    }
}

/* Take the oldest frame that can be answered, and answer it, changed as the input says. False: there is none. */
static bool answer(struct world *w, struct input *changes)
{
    while (w->first < w->n) {
        unsigned worker = w->kept[w->first].worker;
        struct frame *f = w->kept[w->first++].frame;
        bool answered = answer_frame(w, worker, f);
        free(f);
        if (answered && w->answers++ < ANSWERS) {
            size_t length = changes ? input_patch(changes, &w->frame) : w->frame.header.length;
            say(w, worker, length);
            return true;
        }
    }
    w->first = w->n = 0;
    return false;
}

/* What workers that are well do by themselves. */
static void serve(struct world *w)
{
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        if (w->dying[i] && w->flags & AUTO_OTHER)
            die(w, i, DEATH_SIGNAL, 9);
    unsigned limit = 256;
    while (limit-- > 0 && w->first < w->n) {
        bool store = w->kept[w->first].worker == STORE;
        if (!(w->flags & (store ? AUTO_STORE : AUTO_OTHER)))
            break;
        answer(w, NULL);
    }
}

static void pass(struct world *w, int64_t ms)
{
    int64_t end = w->now + ms;
    unsigned same = 0;
    for (unsigned i = 0; i < TICKS; i++) {
        int64_t due = core_deadline(w->core);
        if (due > end)
            break;
        same = due > w->now ? 0 : same + 1;
        ALWAYS(same < SAME);
        w->now = due > w->now ? due : w->now;
        core_tick(w->core, w->now);
        serve(w);
    }
    w->now = end;
    core_tick(w->core, w->now);
}

static void tell_plugin(struct world *w, unsigned worker)
{
    bool call = worker == DETECTOR;
    struct frame_plugin_info *info = &begin(w, FRAME_PLUGIN_INFO)->plugin_info;
    text_copy(info->name, NAME_SIZE, call ? "call" : "door");
    info->n_alerts = 1;
    info->momentary = call;
    info->history = call ? 0 : 3600000;
    info->abi_major = GW_ABI_MAJOR;
    say(w, worker, w->frame.header.length);
    struct frame_plugin_alert *alert = &begin(w, FRAME_PLUGIN_ALERT)->plugin_alert;
    text_copy(alert->name, NAME_SIZE, call ? "call" : "open");
    alert->class_ = call ? GW_EMERGENCY : GW_WARNING;
    alert->flags = call ? GW_ALERT_MOMENTARY : 0;
    say(w, worker, w->frame.header.length);
    begin(w, FRAME_PLUGIN_END);
    say(w, worker, w->frame.header.length);
    struct frame_bind *bind = &begin(w, FRAME_BIND)->bind;
    text_copy(bind->role, NAME_SIZE, call ? "buttons" : "door");
    bind->slot = call ? 0 : 1;
    bind->required = 1;
    say(w, worker, w->frame.header.length);
}

/* The worker comes up as it should. */
static void come_up(struct world *w, unsigned worker)
{
    begin(w, FRAME_HELLO);
    say(w, worker, w->frame.header.length);
    if (worker >= DETECTOR)
        tell_plugin(w, worker);
    if (worker == STORE) {
        begin(w, FRAME_STORE_STATE)->store_state.boot = 7;
        say(w, worker, w->frame.header.length);
    }
    begin(w, FRAME_READY);
    say(w, worker, w->frame.header.length);
    if (worker >= UPLINK && worker < DETECTOR) {
        begin(w, FRAME_UPLINK_STATE)->uplink_state.link = LINK_UP;
        say(w, worker, w->frame.header.length);
    }
    serve(w);
}

static void reading(struct world *w, struct input *in)
{
    uint8_t what = input_byte(in);
    unsigned source = what & 1 ? MQTT : GPIO;
    bool urgent = what & 2;
    struct frame *f = begin(w, FRAME_READINGS);
    struct reading *r = &f->readings.reading[0];
    r->origin = ((uint64_t)(source * 2 + urgent + 1) << 32) + ++w->origin;
    r->at = w->now;
    r->sensor = what >> 4;
    r->type = what & 4 ? GW_EVENT : input_byte(in) % (GW_CLOCK + 1);
    r->value = what & 4 ? GW_EVENT_PRESS : (int8_t)input_byte(in);
    r->flags = what & 8 ? input_byte(in) : 0;
    f->readings.flags = urgent ? READINGS_URGENT : 0;
    say(w, source, input_patch(in, f));
}

/* The detector says a condition, then answers its batch. */
static void condition(struct world *w, struct input *in)
{
    uint8_t what = input_byte(in);
    unsigned worker = DETECTOR + (what & 1);
    struct frame_condition *c = &begin(w, FRAME_CONDITION)->condition;
    c->raised = !(what & 2);
    c->kind = what >> 2 & 1;
    c->episode = what >> 4;
    c->reading = input_byte(in);
    c->at = c->since = w->now;
    text_copy(c->text_en, sizeof c->text_en, "text");
    say(w, worker, input_patch(in, &w->frame));
}

static void command(struct world *w, struct input *in)
{
    struct frame_command *c = &begin(w, FRAME_COMMAND)->command;
    c->verb = VERB_ACCEPT + input_byte(in) % (VERB_COUNT - 1);
    c->alert = 1;
    /* Of an alert that there is: one that was sent and is not answered yet. */
    for (unsigned i = w->first; i < w->n; i++)
        if (w->kept[i].frame->header.type == FRAME_SEND) {
            c->alert = w->kept[i].frame->send.alert.id;
            c->rev = w->kept[i].frame->send.alert.rev;
        }
    say(w, UPLINK + input_byte(in) % UPLINKS_MAX, input_patch(in, &w->frame));
}

static void client(struct world *w, struct input *in)
{
    unsigned number = input_byte(in) % CLIENTS_MAX;
    struct frame *f = begin(w, FRAME_CTL_REQUEST);
    f->ctl_request.verb = CTL_STATUS + input_byte(in) % (CTL_VERBS - CTL_STATUS);
    size_t length = input_patch(in, f);
    const char *why = "";
    if (frame_check(f, length, &why))
        core_client(w->core, w->now, number, f);
    else
        core_client_gone(w->core, w->now, number);
}

static void trouble(struct world *w, struct input *in)
{
    struct frame *f = begin(w, FRAME_TROUBLE);
    f->trouble.active = input_byte(in) & 1;
    text_copy(f->trouble.kind, NAME_SIZE, "reload-refused");
    input_patch(in, f);
    f->header.length = sizeof(struct frame_header) + sizeof f->trouble;
    if (frame_is_good(f))
        core_trouble(w->core, w->now, &f->trouble);
}

static void reload(struct world *w, struct input *in)
{
    home_make(&w->home[!w->home_now], input_byte(in) % HOME_VARIANTS);
    if (core_reload(w->core, w->now, &w->home[!w->home_now].settings) == 0)
        w->home_now = !w->home_now;
}

static void step(struct world *w, struct input *in)
{
    switch (input_byte(in) % 16) {
    case 0: {
        unsigned worker = input_byte(in) % WORKERS_MAX;
        size_t length = input_frame(in, &w->frame);
        say(w, worker, length);
        break;
    }
    case 1:
    case 2:
        answer(w, in);
        break;
    case 3:
        pass(w, (int64_t)input_number(in, 2));
        break;
    case 4:
        pass(w, (int64_t)input_number(in, 2) * 10000);
        break;
    case 5: {
        unsigned worker = input_byte(in) % WORKERS_MAX, code = input_byte(in);
        die(w, worker, (int)code >> 6, (int)code & 63);
        break;
    }
    case 6:
        core_wall(w->core, w->now, (int64_t)input_number(in, 6), input_byte(in) & 1 ? CLOCK_SYNCED : CLOCK_UNSYNCED);
        break;
    case 7:
        client(w, in);
        break;
    case 8:
        reload(w, in);
        break;
    case 9:
        trouble(w, in);
        break;
    case 10:
        command(w, in);
        break;
    case 11:
        condition(w, in);
        break;
    case 12:
        come_up(w, input_byte(in) % WORKERS_MAX);
        break;
    case 13:
        w->flags = input_byte(in);
        break;
    default:
        reading(w, in);
        break;
    }
    serve(w);
}

static void open_all(struct world *w)
{
    core_wall(w->core, w->now, 1700000000000, CLOCK_SYNCED);
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        if (w->running[i])
            come_up(w, i);
    pass(w, 1100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    struct world *w = calloc(1, sizeof *w);
    ALWAYS(w);
    home_make(&w->home[0], 0);
    w->now = 1000000;
    const struct core_port port = {w, send, start, kill_it, reply, ready, want_reload, log_it};
    const struct core_start begin_with = {.now = w->now, .boot_id = BOOT, .run_dir = "/run"};
    w->core = core_create(&w->home[0].settings, &port, &begin_with);
    ALWAYS(w->core);
    w->flags = input_byte(&in);
    if (w->flags & OPENED)
        open_all(w);
    for (unsigned steps = 0; steps < STEPS && input_left(&in); steps++)
        step(w, &in);
    core_destroy(w->core);
    for (unsigned i = w->first; i < w->n; i++)
        free(w->kept[i].frame);
    free(w);
    return 0;
}
