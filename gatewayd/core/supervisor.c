#include "supervisor.h"

#include <stdio.h>

#include "../base/text.h"
#include "roles.h"
#include "technical.h"

enum event { EVENT_READY, EVENT_FAILED, EVENT_BAD, EVENT_EXITED, EVENT_DUE, EVENT_RETIRE, EVENT_RESTART, EVENTS };

typedef void (*action)(struct core *core, unsigned number, const char *text);

const char *supervisor_state_name(enum worker_state state)
{
    static const char *const names[WORKER_STATES] = {"unused", "starting", "running", "waiting", "stopping", "failed"};
    return names[state];
}

static void enter(struct core *core, struct worker *w, enum worker_state state, int64_t deadline)
{
    w->state = state;
    w->since = core->now;
    w->deadline = deadline;
    w->ping_at = NEVER;
}

static int64_t in(const struct core *core, int64_t ms)
{
    return core->now + ms;
}

/* All workers are asked at the same time: the hub wakes up once for them. */
static int64_t next_round(const struct core *core)
{
    return (core->now / PING_EVERY + 1) * PING_EVERY;
}

static void start(struct core *core, unsigned number, const char *text)
{
    (void)text;
    struct worker *w = &core->workers[number];
    enter(core, w, WORKER_STARTING, in(core, w->role == ROLE_STORE ? STORE_HANG : START_DEADLINE));
    w->starts++;
    w->alive = true;
    w->restart = false;
    core->port.start(core->port.context, number, w->role, w->name);
    if (w->state == WORKER_STARTING)
        roles_started(core, number);
}

void supervisor_well(struct core *core, unsigned number)
{
    struct worker *w = &core->workers[number];
    if (!w->down_since_log)
        return;
    core_log(core, 5, "%s works again", w->name);
    w->down_since_log = 0;
    technical_worker(core, number, false);
}

static void running(struct core *core, unsigned number, const char *text)
{
    (void)text;
    struct worker *w = &core->workers[number];
    enter(core, w, WORKER_RUNNING, NEVER);
    w->ping_at = next_round(core);
    /* A detector watches again when it has taken what it died of, not when it is loaded. */
    if (w->role != ROLE_DETECTOR)
        supervisor_well(core, number);
    roles_ready(core, number);
}

/* Leaving the state: after a healthy minute its failures count anew, whether it dies or is killed. */
static void note_healthy(const struct core *core, struct worker *w)
{
    if (w->state == WORKER_RUNNING && core->now - w->since >= HEALTHY)
        w->failures = 0;
}

static void stop(struct core *core, unsigned number, const char *text)
{
    struct worker *w = &core->workers[number];
    note_healthy(core, w);
    if (text)
        text_copy(w->cause, sizeof(w->cause), text);
    enter(core, w, WORKER_STOPPING, NEVER);
    core->port.kill(core->port.context, number);
    roles_down(core, number);
}

static void stop_bad(struct core *core, unsigned number, const char *text)
{
    core_log(core, 4, "%s: %s; killing it", core->workers[number].name, text);
    stop(core, number, text);
}

static void fail(struct core *core, unsigned number, const char *text)
{
    struct worker *w = &core->workers[number];
    bool gone = w->state == WORKER_WAITING;
    core_log(core, 3, "%s cannot work with this configuration: %s", w->name, text);
    text_copy(w->cause, sizeof(w->cause), text);
    enter(core, w, WORKER_FAILED, NEVER);
    if (!w->down_since_log)
        w->down_since_log = core->now + core->timeline.offset;
    technical_worker(core, number, true);
    if (!gone)
        core->port.kill(core->port.context, number);
    roles_down(core, number);
}

static void forget(struct core *core, unsigned number, const char *text)
{
    (void)text;
    struct worker *w = &core->workers[number];
    if (w->down_since_log)
        technical_worker(core, number, false);
    memset(w, 0, sizeof(*w));
    w->deadline = w->ping_at = NEVER;
}

/* At once the first time after a healthy minute, then 1 s doubling to 60 s. */
static int64_t backoff(const struct worker *w)
{
    if (w->failures <= 1)
        return 0;
    unsigned shift = w->failures - 2 < 6 ? w->failures - 2 : 6;
    int64_t wait = BACKOFF_MIN << shift;
    return wait < BACKOFF_MAX ? wait : BACKOFF_MAX;
}

static void died(struct core *core, unsigned number, const char *text)
{
    struct worker *w = &core->workers[number];
    note_healthy(core, w);
    bool told = w->state == WORKER_STOPPING;
    if (!told)
        text_copy(w->cause, sizeof(w->cause), text);
    w->pid = 0;
    if (!told)
        roles_down(core, number);
    if (w->retired) {
        forget(core, number, NULL);
        return;
    }
    if (w->restart) {
        enter(core, w, WORKER_WAITING, core->now);
        return;
    }
    w->deaths++;
    w->failures++;
    enter(core, w, WORKER_WAITING, in(core, backoff(w)));
    if (core->stopping)
        return;
    core_log(core, 4, "%s ended: %s; starting it again in %lld ms", w->name, w->cause, (long long)backoff(w));
    if (!w->down_since_log)
        w->down_since_log = core->now + core->timeline.offset;
    technical_worker(core, number, true);
}

static void late(struct core *core, unsigned number, const char *text)
{
    (void)text;
    stop_bad(core, number, "hangs: not ready in time");
}

static void silent(struct core *core, unsigned number, const char *text)
{
    (void)text;
    stop_bad(core, number, "hangs: no answer in time");
}

/* It was killed when it failed, but its number is taken until its end is told. */
static void leave_failed(struct core *core, unsigned number, const char *text)
{
    struct worker *w = &core->workers[number];
    if (w->alive)
        enter(core, w, WORKER_STOPPING, NEVER);
    else if (w->retired)
        forget(core, number, text);
    else
        start(core, number, text);
}

static void nothing(struct core *core, unsigned number, const char *text)
{
    (void)core, (void)number, (void)text;
}

/* What each event does in each state; NULL cannot happen unless the daemon or we have a bug, and is logged. */
static const action table[WORKER_STATES][EVENTS] = {
    /*                   READY    FAILED   BAD       EXITED  DUE     RETIRE  RESTART */
    [WORKER_UNUSED] = {NULL, nothing, nothing, nothing, NULL, nothing, NULL},
    [WORKER_STARTING] = {running, fail, stop_bad, died, late, stop, stop},
    [WORKER_RUNNING] = {nothing, fail, stop_bad, died, silent, stop, stop},
    [WORKER_WAITING] = {nothing, fail, nothing, nothing, start, forget, start},
    [WORKER_STOPPING] = {nothing, nothing, nothing, died, nothing, nothing, nothing},
    [WORKER_FAILED] = {nothing, nothing, nothing, nothing, nothing, leave_failed, leave_failed},
};

static void handle(struct core *core, unsigned number, enum event event, const char *text)
{
    action act = table[core->workers[number].state][event];
    if (act)
        act(core, number, text);
    else
        core_log(core, 3, "bug: worker %u, state %s, event %d", number,
                 supervisor_state_name(core->workers[number].state), (int)event);
}

void supervisor_add(struct core *core, unsigned worker, enum worker_role role, const char *name)
{
    struct worker *w = &core->workers[worker];
    memset(w, 0, sizeof(*w));
    w->role = role;
    text_copy(w->name, sizeof(w->name), name);
    enter(core, w, WORKER_WAITING, core->now);
}

void supervisor_retire(struct core *core, unsigned worker)
{
    core->workers[worker].retired = true;
    handle(core, worker, EVENT_RETIRE, "no longer configured");
}

void supervisor_restart(struct core *core, unsigned worker)
{
    struct worker *w = &core->workers[worker];
    w->failures = 0;
    w->restart = true;
    handle(core, worker, EVENT_RESTART, "its configuration changed");
}

void supervisor_ready(struct core *core, unsigned worker)
{
    handle(core, worker, EVENT_READY, NULL);
}

void supervisor_failed(struct core *core, unsigned worker, const char *why)
{
    handle(core, worker, EVENT_FAILED, why);
}

void supervisor_bad(struct core *core, unsigned worker, const char *why)
{
    handle(core, worker, EVENT_BAD, why);
}

void supervisor_exited(struct core *core, unsigned worker, struct worker_death death)
{
    char cause[TEXT_SIZE];
    core->workers[worker].alive = false;
    switch (death.how) {
    case DEATH_EXIT:
        snprintf(cause, sizeof(cause), "exit code %d", death.code);
        break;
    case DEATH_SIGNAL: {
        const char *name = strsignal(death.code);
        snprintf(cause, sizeof(cause), "killed by signal %d (%s)", death.code, name ? name : "?");
        break;
    }
    default:
        snprintf(cause, sizeof(cause), "could not be started: %s", strerror(death.code));
        break;
    }
    handle(core, worker, EVENT_EXITED, cause);
}

void supervisor_heard(struct core *core, unsigned worker)
{
    struct worker *w = &core->workers[worker];
    w->spoke = true;
    if (w->state == WORKER_RUNNING)
        w->deadline = NEVER;
}

static void ping(struct core *core, unsigned number)
{
    struct worker *w = &core->workers[number];
    w->ping_at = next_round(core);
    if (w->spoke) {
        w->spoke = false;
        return;
    }
    frame_init(&core->out, FRAME_PING);
    send_frame(core, number);
    if (w->deadline == NEVER)
        w->deadline = in(core, PING_DEADLINE);
}

void supervisor_tick(struct core *core)
{
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        struct worker *w = &core->workers[i];
        if (w->state == WORKER_UNUSED)
            continue;
        if (w->deadline <= core->now) {
            w->deadline = NEVER;
            if (!(core->stopping && w->state == WORKER_WAITING))
                handle(core, i, EVENT_DUE, NULL);
        }
        if (w->ping_at <= core->now && w->state == WORKER_RUNNING)
            ping(core, i);
    }
}

int64_t supervisor_deadline(const struct core *core)
{
    int64_t first = NEVER;
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        const struct worker *w = &core->workers[i];
        if (w->state == WORKER_UNUSED)
            continue;
        first = w->deadline < first ? w->deadline : first;
        first = w->ping_at < first ? w->ping_at : first;
    }
    return first;
}

bool supervisor_running(const struct core *core, unsigned worker)
{
    return core->workers[worker].state == WORKER_RUNNING;
}
