/* daemon.c - the processes and the daemon around the core: what gatewayd.c, its send queues and the kernel's socket
 * buffers are to the core. Frames keep their order per direction; what a process said before it was killed still
 * arrives, unless it was the core that killed it or that died. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sim.h"

#define QUEUE_BYTES  (512u * 1024) /* of the daemon per worker */
#define SOCKET_BYTES (200u * 1024) /* the kernel takes so much before that */
#define LOOK_EVERY   MINUTE        /* at the wall clock */

static const struct role_model *model_of(const struct proc *proc)
{
    static const struct role_model *const models[ROLE_COUNT] = {
        [ROLE_STORE] = &store_model,   [ROLE_GPIO] = &gpio_model,         [ROLE_MQTT] = &mqtt_model,
        [ROLE_UPLINK] = &uplink_model, [ROLE_DETECTOR] = &detector_model,
    };
    return models[proc->role];
}

static uint64_t life_key(const struct sim *sim, const struct proc *proc)
{
    return (uint64_t)sim->core_life << 32 | proc->life;
}

/* For an input: its deadline and what is checked of it are to be looked at anew. */
static struct core *touch(struct sim *sim)
{
    sim->core_moved = sim->core_stepped = true;
    return sim->core;
}

/* ---- a process's turns ---- */

static void drop_inbox(struct proc *proc)
{
    while (proc->first) {
        struct parcel *next = proc->first->next;
        free(proc->first);
        proc->first = next;
    }
    proc->last = &proc->first;
    proc->bytes = 0;
}

static struct parcel *taken;

/* As channel_receive does: a loop that reads answers. */
static void answer_ping(struct sim *sim, unsigned worker)
{
    struct frame_header pong = {.type = FRAME_PONG, .version = FRAME_VERSION, .length = sizeof(pong)};
    struct frame *frame = malloc(sizeof(*frame));
    if (!frame)
        abort();
    memcpy(frame, &pong, sizeof(pong));
    daemon_say(sim, worker, frame);
    free(frame);
}

static struct parcel *take_parcel(struct sim *sim, struct proc *proc)
{
    struct parcel *parcel = proc->first;
    if (!parcel || parcel->at > sim->now || proc->busy_until > sim->now)
        return NULL;
    proc->first = parcel->next;
    if (!proc->first)
        proc->last = &proc->first;
    proc->bytes -= parcel->frame.header.length;
    return parcel;
}

static void on_turn(struct sim *sim, const struct event *event);

static void run_at(struct sim *sim, unsigned worker, int64_t at)
{
    struct proc *proc = &sim->proc[worker];
    if (at == NEVER_AT || (proc->run_at != NEVER_AT && proc->run_at <= at))
        return;
    proc->run_at = at;
    sim_at(sim, at, on_turn, worker, life_key(sim, proc), NULL);
}

void daemon_wake(struct sim *sim, unsigned worker, int64_t at)
{
    struct proc *proc = &sim->proc[worker];
    proc->own_at = at < proc->own_at ? at : proc->own_at;
    run_at(sim, worker, at);
}

/* Most turns of an idle home: they are answered before the loop does anything else. */
static bool only_pings(struct sim *sim, unsigned worker)
{
    struct proc *proc = &sim->proc[worker];
    while (proc->first && proc->first->at <= sim->now && proc->first->frame.header.type == FRAME_PING) {
        free(take_parcel(sim, proc));
        answer_ping(sim, worker);
    }
    return proc->own_at > sim->now && (!proc->first || proc->first->at > sim->now);
}

static void on_turn(struct sim *sim, const struct event *event)
{
    unsigned worker = (unsigned)event->a;
    struct proc *proc = &sim->proc[worker];
    if (!proc->alive || event->b != life_key(sim, proc) || sim->now < proc->run_at)
        return;
    proc->run_at = NEVER_AT;
    if (proc->busy_until > sim->now) {
        run_at(sim, worker, proc->busy_until);
        return;
    }
    if (!only_pings(sim, worker)) {
        seam_enter(sim, worker);
        proc->own_at = NEVER_AT;
        int64_t own = model_of(proc)->turn(sim, worker);
        if (!proc->alive || event->b != life_key(sim, proc))
            return;
        proc->own_at = own < proc->own_at ? own : proc->own_at;
    }
    int64_t next = proc->own_at;
    if (proc->first && proc->busy_until <= sim->now && proc->first->at < next)
        next = proc->first->at;
    if (proc->busy_until > sim->now && proc->busy_until < next)
        next = proc->busy_until;
    run_at(sim, worker, next);
}

const struct frame *proc_take(struct sim *sim, unsigned worker)
{
    struct proc *proc = &sim->proc[worker];
    do {
        free(taken);
        taken = take_parcel(sim, proc);
        if (taken && taken->frame.header.type == FRAME_PING)
            answer_ping(sim, worker);
    } while (taken && taken->frame.header.type == FRAME_PING);
    return taken ? &taken->frame : NULL;
}

/* ---- ends ---- */

static void on_exited(struct sim *sim, const struct event *event)
{
    unsigned worker = (unsigned)event->a;
    struct proc *proc = &sim->proc[worker];
    if (!sim->core || event->b >> 32 != sim->core_life)
        return;
    struct worker_death death = {.how = DEATH_SIGNAL, .code = SIGKILL};
    int code = (int)(event->b & 0xff);
    if (code)
        death = (struct worker_death){.how = DEATH_EXIT, .code = code - 1};
    proc->closed = false;
    core_exited(touch(sim), sim_boottime(sim), worker, death);
}

static void end_process(struct sim *sim, unsigned worker, bool by_itself, int code)
{
    struct proc *proc = &sim->proc[worker];
    if (!proc->alive)
        return;
    sim->disturbed = sim->now;
    seam_enter(sim, worker);
    model_of(proc)->end(sim, worker, by_itself);
    proc->alive = false;
    proc->state = NULL;
    drop_inbox(proc);
    proc->busy_until = 0;
    int64_t at = proc->last_out > sim->now ? proc->last_out : sim->now;
    sim_at(sim, at + (int64_t)sim_below(sim, 5), on_exited, worker, (uint64_t)sim->core_life << 32 | (unsigned)code,
           NULL);
}

void daemon_kill(struct sim *sim, unsigned worker)
{
    if (!sim->proc[worker].alive)
        return;
    sim->counts.kills++;
    say(sim, "SIGKILL for %s", sim->proc[worker].name);
    end_process(sim, worker, false, 0);
}

void daemon_exit(struct sim *sim, unsigned worker, int code)
{
    say(sim, "%s ends with %d", sim->proc[worker].name, code);
    end_process(sim, worker, true, code + 1);
}

/* ---- the core's orders ---- */

static void on_bad(struct sim *sim, const struct event *event)
{
    if (sim->core && event->b == life_key(sim, &sim->proc[event->a]))
        core_bad_worker(touch(sim), sim_boottime(sim), (unsigned)event->a, "it does not read");
}

static void port_send(void *context, unsigned worker, const struct frame *frame)
{
    struct sim *sim = context;
    struct proc *proc = &sim->proc[worker];
    const char *why = "";
    if (!frame_check(frame, frame->header.length, &why))
        broken(sim, "the core sends %s a bad %s frame: %s", proc->name, frame_type_name(frame->header.type), why);
    if (!proc->alive || proc->told_bad)
        return;
    checks_sent(sim, worker, frame);
    if (proc->bytes + frame->header.length > QUEUE_BYTES + SOCKET_BYTES) {
        say(sim, "the send queue of %s is full", proc->name);
        proc->told_bad = true;
        sim_at(sim, sim->now, on_bad, worker, life_key(sim, proc), NULL);
        return;
    }
    struct parcel *parcel = malloc(offsetof(struct parcel, frame) + frame->header.length);
    if (!parcel)
        abort();
    memcpy(&parcel->frame, frame, frame->header.length);
    parcel->next = NULL;
    int64_t at = sim->now + (int64_t)sim_below(sim, 2);
    parcel->at = proc->last_in = at > proc->last_in ? at : proc->last_in;
    *proc->last = parcel;
    proc->last = &parcel->next;
    proc->bytes += frame->header.length;
    run_at(sim, worker, parcel->at);
}

static void port_start(void *context, unsigned worker, enum worker_role role, const char *name)
{
    struct sim *sim = context;
    struct proc *proc = &sim->proc[worker];
    if (proc->alive)
        broken(sim, "worker %u (%s) is started twice", worker, name);
    uint32_t life = proc->life + 1;
    sim->disturbed = sim->now;
    memset(proc, 0, sizeof(*proc));
    proc->life = life;
    proc->alive = true;
    proc->role = role;
    proc->last = &proc->first;
    proc->run_at = proc->own_at = NEVER_AT;
    text_copy(proc->name, sizeof(proc->name), name);
    seam_enter(sim, worker);
    proc->state = model_of(proc)->begin(sim, worker);
    struct frame *hello = calloc(1, sizeof(*hello));
    if (!hello)
        abort();
    frame_init(hello, FRAME_HELLO);
    hello->hello.version = FRAME_VERSION;
    hello->hello.pid = 1000 + worker;
    proc->last_out = sim->now + 2 + (int64_t)sim_below(sim, 40);
    proc->busy_until = proc->last_out;
    daemon_say(sim, worker, hello);
    free(hello);
    daemon_wake(sim, worker, proc->busy_until);
}

static void port_kill(void *context, unsigned worker)
{
    struct sim *sim = context;
    if (!sim->proc[worker].alive)
        return;
    sim->proc[worker].closed = true;
    say(sim, "the core kills %s", sim->proc[worker].name);
    end_process(sim, worker, false, 0);
}

static bool port_reply(void *context, unsigned client, const struct frame *frame)
{
    (void)context, (void)client, (void)frame;
    return true;
}

static void port_nothing(void *context)
{
    say(context, "READY");
}

static void port_want_reload(void *context, unsigned client)
{
    (void)context, (void)client;
}

static void port_log(void *context, int level, const char *text)
{
    if (level <= 5)
        say(context, "core: %s", text);
    if (strncmp(text, "bug:", 4) == 0)
        broken(context, "the core says %s", text);
}

/* ---- what the core hears ---- */

static void on_frame(struct sim *sim, const struct event *event)
{
    unsigned worker = (unsigned)event->a;
    struct proc *proc = &sim->proc[worker];
    if (!sim->core || event->b != life_key(sim, proc) || proc->closed)
        return;
    const struct frame *frame = event->data;
    checks_heard(sim, worker, frame);
    core_frame(touch(sim), sim_boottime(sim), worker, frame);
}

void daemon_say(struct sim *sim, unsigned worker, const struct frame *frame)
{
    struct proc *proc = &sim->proc[worker];
    const char *why = "";
    if (!frame_check(frame, frame->header.length, &why))
        broken(sim, "%s sends a bad %s frame: %s", proc->name, frame_type_name(frame->header.type), why);
    void *copy = malloc(frame->header.length);
    if (!copy)
        abort();
    memcpy(copy, frame, frame->header.length);
    int64_t at = sim->now + (int64_t)sim_below(sim, 2);
    proc->last_out = at > proc->last_out ? at : proc->last_out;
    sim_at(sim, proc->last_out, on_frame, worker, life_key(sim, proc), copy);
}

void daemon_ready(struct sim *sim, unsigned worker)
{
    struct frame frame;
    frame_init(&frame, FRAME_READY);
    daemon_say(sim, worker, &frame);
}

void daemon_wall(struct sim *sim)
{
    if (sim->core)
        core_wall(touch(sim), sim_boottime(sim), sim_wall(sim), sim->synced ? CLOCK_SYNCED : CLOCK_UNSYNCED);
}

static void on_minute(struct sim *sim, const struct event *event)
{
    if (!sim->core || event->a != sim->core_life)
        return;
    daemon_wall(sim);
    sim_at(sim, sim->now + LOOK_EVERY, on_minute, sim->core_life, 0, NULL);
}

void daemon_start_core(struct sim *sim)
{
    const struct core_port port = {sim,        port_send,    port_start,       port_kill,
                                   port_reply, port_nothing, port_want_reload, port_log};
    const struct core_start start = {
        .now = sim_boottime(sim), .boot_id = sim->boot_id, .run_dir = sim->run_dir, .config_error = NULL};
    if (sim->core)
        return;
    sim->core_life++;
    say(sim, "the core starts");
    checks_core_begins(sim);
    sim->core = core_create(home_settings(sim), &port, &start);
    if (!touch(sim))
        abort();
    sim_at(sim, sim->now + 1, on_minute, sim->core_life, 0, NULL);
}

static void on_restart(struct sim *sim, const struct event *event)
{
    if (event->a == sim->core_life && !sim->core)
        daemon_start_core(sim);
}

/* with_workers: nobody has the time to finish what lies in its socket. */
void daemon_kill_core(struct sim *sim, bool with_workers)
{
    if (!sim->core)
        return;
    checks_core_dies(sim);
    core_destroy(sim->core);
    sim->core = NULL;
    for (unsigned i = 0; i < PROCS; i++) {
        struct proc *proc = &sim->proc[i];
        if (!proc->alive)
            continue;
        bool finishes = !with_workers && proc->busy_until <= sim->now && sim_chance(sim, 0.5);
        if (finishes) { /* the rest of its socket is read before its end is seen */
            for (struct parcel *p = proc->first; p; p = p->next)
                p->at = sim->now;
            seam_enter(sim, i);
            model_of(proc)->turn(sim, i);
        }
        end_process(sim, i, finishes, 0);
    }
    sim->core_life++; /* whatever is still under way is void */
    sim_at(sim, sim->now + 100 + (int64_t)sim_below(sim, 3000), on_restart, sim->core_life, 0, NULL);
}

void daemon_power_cut(struct sim *sim)
{
    sim->counts.cuts++;
    say(sim, "the power is cut");
    bool disk_answers = sim->core ? checks_disk_answers(sim) : store_healthy(sim);
    daemon_kill_core(sim, true);
    checks_power_cut(sim);
    store_power_cut(sim);
    platform_power_cut(sim, disk_answers);
    mqtt_power_cut(sim);
    gpio_power_cut(sim);
    checks_boot(sim);
}

void daemon_tick(struct sim *sim)
{
    core_tick(touch(sim), sim_boottime(sim));
}

int64_t daemon_deadline(struct sim *sim)
{
    if (!sim->core)
        return NEVER_AT;
    if (sim->core_moved)
        sim->core_due = core_deadline(sim->core);
    sim->core_moved = false;
    if (sim->core_due == NEVER_AT)
        return NEVER_AT;
    int64_t due = sim->core_due + sim->boot_at;
    return due > sim->now ? due : sim->now;
}

void daemon_reload(struct sim *sim)
{
    if (!sim->core)
        return;
    sim->disturbed = sim->now;
    home_change(sim);
    checks_reload(sim);
    sim->counts.reloads++;
    if (core_reload(touch(sim), sim_boottime(sim), home_settings(sim)) < 0)
        broken(sim, "a reload is refused");
}
