/* uplink.c - an uplink's process: publishes what the core hands over, waits for the PUBACK, connects anew when an
 * emergency is not confirmed within 5 s, reads the platform's commands, and gives the open list back after a loss. The
 * window of unconfirmed alerts is the real one. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim.h"
#include "window.h"

#define OPEN_MAX ALERTS_MAX

struct pending {
    struct alert alert;
    int mid;
    uint32_t life;
};

struct uplink_process {
    unsigned which;
    struct frame_uplink_config config;
    struct window window;
    bool configured, up, recovering, reset;
    int64_t retry_at, recover_at;
    unsigned failures;
    int mid;
    int64_t last_arrival; /* TCP keeps the order */
    struct alert *open;
    unsigned n_open;
    bool open_due;
    struct frame_command command[32];
    unsigned n_commands;
    uint64_t token;
    struct frame out;
};

static void *begin(struct sim *sim, unsigned worker)
{
    struct uplink_process *u = calloc(1, sizeof(*u));
    if (!u)
        abort();
    u->open = malloc(OPEN_MAX * sizeof(*u->open));
    if (!u->open)
        abort();
    u->which = strcmp(sim->proc[worker].name, "uplink backup") == 0;
    u->retry_at = u->recover_at = NEVER_AT;
    return u;
}

static void tell_state(struct sim *sim, unsigned worker, bool up, bool resumed)
{
    struct uplink_process *u = sim->proc[worker].state;
    struct frame_uplink_state *state = &frame_init(&u->out, FRAME_UPLINK_STATE)->uplink_state;
    state->link = up ? LINK_UP : LINK_DOWN;
    state->session_present = up && resumed;
    text_copy(state->text, sizeof(state->text), up ? "" : "the platform does not answer");
    daemon_say(sim, worker, &u->out);
}

static void delivered(struct sim *sim, unsigned worker, uint64_t token, bool ok)
{
    struct uplink_process *u = sim->proc[worker].state;
    frame_init(&u->out, FRAME_DELIVERED);
    u->out.delivered = (struct frame_delivered){.token = token, .ok = ok, .reason = ok ? 0 : 0x80};
    daemon_say(sim, worker, &u->out);
}

static void go_down(struct sim *sim, unsigned worker)
{
    struct uplink_process *u = sim->proc[worker].state;
    struct window_entry entry;
    if (!u->up)
        return;
    u->up = false;
    tell_state(sim, worker, false, false);
    while (window_take_oldest(&u->window, &entry))
        delivered(sim, worker, entry.token, false);
    u->failures += u->failures < 6;
    u->retry_at = sim->now + (SECOND << u->failures);
}

static void connect_now(struct sim *sim, unsigned worker)
{
    struct uplink_process *u = sim->proc[worker].state;
    if (u->up || sim->now < u->retry_at)
        return;
    if (!platform_up(sim, u->which)) {
        u->failures += u->failures < 6;
        u->retry_at = sim->now + (SECOND << u->failures);
        return;
    }
    u->up = true;
    u->failures = 0;
    u->retry_at = NEVER_AT;
    tell_state(sim, worker, true, platform_session(sim, u->which));
    if (u->config.recover && !u->recovering)
        u->recover_at = sim->now + 300;
}

/* ---- alerts ---- */

static void on_puback(struct sim *sim, const struct event *event)
{
    unsigned worker = (unsigned)event->a;
    const struct pending *p = event->data;
    struct uplink_process *u = sim->proc[worker].state;
    struct window_entry entry;
    if (!sim->proc[worker].alive || sim->proc[worker].life != p->life || !u->up || sim->core_life != event->b)
        return;
    if (window_take(&u->window, p->mid, sim_boottime(sim), &entry))
        delivered(sim, worker, entry.token, true);
}

static void on_arrival(struct sim *sim, const struct event *event)
{
    unsigned worker = (unsigned)event->a;
    const struct pending *p = event->data;
    unsigned which = (unsigned)(event->b >> 32);
    if (!platform_up(sim, which))
        return;
    platform_publish(sim, which, &p->alert);
    if (!sim->quiet && sim_chance(sim, sim->rates.puback_lost))
        return;
    struct pending *copy = malloc(sizeof(*copy));
    if (!copy)
        abort();
    *copy = *p;
    sim_at(sim, sim->now + 1 + (int64_t)sim_below(sim, 30), on_puback, worker, event->b & UINT32_MAX, copy);
}

static void take_send(struct sim *sim, unsigned worker, const struct frame_send *send)
{
    struct uplink_process *u = sim->proc[worker].state;
    if (!u->up || u->window.n == WINDOW_MAX) {
        if (send->emergency && !u->up)
            u->retry_at = sim->now;
        delivered(sim, worker, send->token, false);
        return;
    }
    u->mid = u->mid % 65535 + 1;
    window_add(&u->window, u->mid, send->token, send->emergency, sim_boottime(sim));
    struct pending *p = malloc(sizeof(*p));
    if (!p)
        abort();
    p->alert = send->alert;
    p->mid = u->mid;
    p->life = sim->proc[worker].life;
    int64_t at = sim->now + 1 + (int64_t)sim_below(sim, 30);
    u->last_arrival = at > u->last_arrival ? at : u->last_arrival;
    sim_at(sim, u->last_arrival, on_arrival, worker, (uint64_t)u->which << 32 | sim->core_life, p);
}

/* ---- the rest of what the core says ---- */

static void take(struct sim *sim, unsigned worker, const struct frame *frame)
{
    struct uplink_process *u = sim->proc[worker].state;
    switch (frame->header.type) {
    case FRAME_UPLINK_CONFIG:
        u->config = frame->uplink_config;
        break;
    case FRAME_CONFIG_END:
        if (!u->configured)
            daemon_ready(sim, worker);
        u->configured = true;
        u->retry_at = sim->now + (int64_t)sim_below(sim, 100);
        break;
    case FRAME_SEND:
        take_send(sim, worker, &frame->send);
        break;
    case FRAME_OPEN_BEGIN:
        u->n_open = 0;
        break;
    case FRAME_ALERT:
        if (u->n_open < OPEN_MAX)
            u->open[u->n_open++] = frame->alert;
        break;
    case FRAME_OPEN_END:
        u->open_due = true;
        break;
    case FRAME_REPLY:
        for (unsigned i = 0; i < u->n_commands; i++)
            if (u->command[i].token == frame->reply.token) {
                platform_reply(sim, &u->command[i], &frame->reply);
                u->command[i] = u->command[--u->n_commands];
                break;
            }
        break;
    default:
        break;
    }
}

static void recover(struct sim *sim, unsigned worker)
{
    struct uplink_process *u = sim->proc[worker].state;
    const struct alert *alerts;
    unsigned n = platform_read_open_list(sim, u->which, &alerts);
    say(sim, "%s reads %u open alerts back", sim->proc[worker].name, n);
    for (unsigned i = 0; i < n; i++) {
        frame_init(&u->out, FRAME_ALERT)->alert = alerts[i];
        u->out.alert.flags |= ALERT_RECOVERED;
        daemon_say(sim, worker, &u->out);
    }
    daemon_say(sim, worker, frame_init(&u->out, FRAME_OPEN_END));
    u->recovering = true;
    u->recover_at = NEVER_AT;
}

static int64_t turn(struct sim *sim, unsigned worker)
{
    struct uplink_process *u = sim->proc[worker].state;
    const struct frame *frame;
    struct window_entry entry;
    while ((frame = proc_take(sim, worker)))
        take(sim, worker, frame);
    if (!u->configured)
        return NEVER_AT;
    int64_t now = sim_boottime(sim);
    if (u->up && (!platform_up(sim, u->which) || u->reset))
        go_down(sim, worker);
    u->reset = false;
    if (u->up && now >= window_deadline(&u->window)) {
        say(sim, "%s: a message was not confirmed in time", sim->proc[worker].name);
        go_down(sim, worker);
    }
    while (window_take_due(&u->window, now, &entry))
        delivered(sim, worker, entry.token, false);
    connect_now(sim, worker);
    if (u->up && sim->now >= u->recover_at)
        recover(sim, worker);
    bool may_list = u->up && (!u->config.recover || u->recovering) && !window_has_emergency(&u->window);
    if (u->open_due && may_list) {
        platform_open_list(sim, u->which, u->open, u->n_open);
        u->open_due = false;
    }
    int64_t next = u->up ? u->recover_at : u->retry_at;
    int64_t window = window_deadline(&u->window);
    if (window != INT64_MAX && window + sim->boot_at < next)
        next = window + sim->boot_at;
    return next;
}

/* A command of the platform's application, at the process that is connected. */
void uplink_command(struct sim *sim, unsigned which, const struct frame_command *command)
{
    for (unsigned i = 0; i < PROCS; i++) {
        struct uplink_process *u = sim->proc[i].state;
        if (!sim->proc[i].alive || sim->proc[i].role != ROLE_UPLINK || u->which != which || !u->up)
            continue;
        if (u->n_commands == 32)
            u->n_commands = 0; /* answers that the core owes for too long */
        u->command[u->n_commands] = *command;
        u->command[u->n_commands].token = ++u->token;
        frame_init(&u->out, FRAME_COMMAND)->command = u->command[u->n_commands++];
        seam_enter(sim, i);
        daemon_say(sim, i, &u->out);
        return;
    }
}

static void end(struct sim *sim, unsigned worker, bool by_itself)
{
    (void)by_itself;
    struct uplink_process *u = sim->proc[worker].state;
    free(u->open);
    free(u);
}

const struct role_model uplink_model = {begin, turn, end};
