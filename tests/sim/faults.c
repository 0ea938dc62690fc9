/* faults.c - everything that goes wrong, each thing with its own rate, drawn for the seed. */
#include <math.h>
#include <stdio.h>

#include "sim.h"

enum strike { KILL_WORKER, KILL_CORE, CUT_POWER, RELOAD, STRIKES };

/* Half of the seeds know this fault, at a rate between low and high. */
static double rate(struct sim *sim, double low, double high)
{
    double where = (double)sim_below(sim, 1000) / 1000;
    return sim_chance(sim, 0.5) ? low * pow(high / low, where) : 0;
}

void faults_draw(struct sim *sim)
{
    sim->rates = (struct rates){
        .kill_worker = rate(sim, 4, 200),
        .kill_core = rate(sim, 2, 60),
        .power_cut = rate(sim, 1, 15),
        .reload = rate(sim, 1, 20),
        .disk_slow = rate(sim, 1, 10),
        .disk_fails = rate(sim, 1, 10),
        .disk_corrupt = sim_chance(sim, 0.3) ? rate(sim, 0.5, 3) : 0,
        .remote_down = rate(sim, 1, 20),
        .local_down = rate(sim, 1, 10),
        .local_killed = rate(sim, 1, 20),
        .backlog = rate(sim, 0.2, 1),
        .ack_late = rate(sim, 0.02, 0.3),
        .ack_never = rate(sim, 0.02, 0.3),
        .puback_lost = rate(sim, 0.01, 0.2),
        .wall_step = rate(sim, 1, 10),
        .hang = rate(sim, 0.5, 6),
        .bounce = rate(sim, 5, 60),
        .silent = rate(sim, 1, 10),
        .storm = rate(sim, 1, 30),
        .press = 20 + (double)sim_below(sim, 100),
        .life = 40 + (double)sim_below(sim, 200),
        .late_sync = sim_chance(sim, 0.3),
    };
    if (sim->rates.backlog > 0) /* else nothing waits that would be too much for a window */
        sim->rates.frenzy = 0.03 + (double)sim_below(sim, 100) / 1000;
    if (sim->whole)
        sim->rates.fittings = 0.5 + (double)sim_below(sim, 200) / 100;
}

static int64_t between(struct sim *sim, int64_t from, int64_t to)
{
    return from + (int64_t)sim_below(sim, (uint64_t)(to - from));
}

/* One of those that live, each as likely; 0 if there is none. */
static unsigned any_process(struct sim *sim)
{
    unsigned alive[PROCS], n = 0;
    for (unsigned i = 0; i < PROCS; i++)
        if (sim->proc[i].alive)
            alive[n++] = i;
    return n ? alive[sim_below(sim, n)] : 0;
}

static void strike(struct sim *sim, enum strike what)
{
    switch (what) {
    case KILL_WORKER:
        daemon_kill(sim, any_process(sim));
        break;
    case KILL_CORE:
        if (sim->core)
            say(sim, "SIGKILL for the core");
        sim->counts.core_kills += sim->core != NULL;
        daemon_kill_core(sim, sim_chance(sim, 0.5));
        break;
    case CUT_POWER:
        daemon_power_cut(sim);
        break;
    default:
        daemon_reload(sim);
    }
}

static double rate_of(const struct sim *sim, enum strike what)
{
    const double rates[STRIKES] = {sim->rates.kill_worker, sim->rates.kill_core, sim->rates.power_cut,
                                   sim->rates.reload};
    return rates[what];
}

/* Between any two messages: armed now, it strikes some steps later. */
static void arm(struct sim *sim, enum strike what)
{
    if (rate_of(sim, what) <= 0 || sim->quiet)
        return;
    sim->strike = what;
    sim->strike_in = 1 + (int64_t)sim_below(sim, 60);
}

void faults_step(struct sim *sim)
{
    if (sim->strike_in && --sim->strike_in == 0 && !sim->quiet)
        strike(sim, (enum strike)sim->strike);
}

void faults_near_a_call(struct sim *sim)
{
    if (sim_chance(sim, 0.25))
        arm(sim, (enum strike)sim_below(sim, STRIKES));
}

static void on_strike(struct sim *sim, const struct event *event)
{
    enum strike what = (enum strike)event->a;
    sim_at(sim, sim->now + sim_wait(sim, rate_of(sim, what)), on_strike, what, 0, NULL);
    if (!sim->quiet)
        arm(sim, what);
}

/* ---- disks ---- */

static void on_disk_well(struct sim *sim, const struct event *event)
{
    (void)event;
    store_disk(sim, 0, false);
}

static void on_disk(struct sim *sim, const struct event *event)
{
    bool fails = event->a;
    sim_at(sim, sim->now + sim_wait(sim, fails ? sim->rates.disk_fails : sim->rates.disk_slow), on_disk, fails, 0,
           NULL);
    if (sim->quiet)
        return;
    store_disk(sim, fails ? 0 : between(sim, 100, 40 * SECOND), fails);
    sim_at(sim, sim->now + between(sim, SECOND, fails ? HOUR : 5 * MINUTE), on_disk_well, 0, 0, NULL);
}

static void on_corrupt(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.disk_corrupt), on_corrupt, 0, 0, NULL);
    if (!sim->quiet)
        store_corrupt(sim, sim_chance(sim, 0.5), sim_chance(sim, 0.5));
}

/* ---- brokers ---- */

static void on_remote_up(struct sim *sim, const struct event *event)
{
    platform_broker(sim, (unsigned)event->a, true);
}

static void on_remote(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.remote_down), on_remote, 0, 0, NULL);
    if (sim->quiet)
        return;
    static const int64_t longest[] = {10 * SECOND, MINUTE, 20 * MINUTE, 4 * HOUR, 3 * DAY};
    int64_t away = between(sim, SECOND, longest[sim_below(sim, 5)]);
    unsigned both = (unsigned)sim_below(sim, 2);
    for (unsigned which = 0; which <= both; which++) {
        platform_broker(sim, which, false);
        sim_at(sim, sim->now + away, on_remote_up, which, 0, NULL);
    }
}

static void on_local_up(struct sim *sim, const struct event *event)
{
    (void)event;
    mqtt_broker_up(sim, true);
}

static void on_local(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.local_down), on_local, 0, 0, NULL);
    if (sim->quiet)
        return;
    mqtt_broker_saves(sim); /* SIGTERM */
    mqtt_broker_up(sim, false);
    sim_at(sim, sim->now + between(sim, SECOND, sim_chance(sim, 0.3) ? HOUR : MINUTE), on_local_up, 0, 0, NULL);
}

static void on_local_killed(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.local_killed), on_local_killed, 0, 0, NULL);
    if (sim->quiet)
        return;
    say(sim, "SIGKILL for the local broker");
    mqtt_broker_killed(sim);
    sim_at(sim, sim->now + between(sim, 100, 5 * SECOND), on_local_up, 0, 0, NULL);
}

/* mosquitto's autosave_interval. */
static void on_local_saves(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + 30 * MINUTE, on_local_saves, 0, 0, NULL);
    mqtt_broker_saves(sim);
}

/* ---- processes that hang, and clocks ---- */

static void on_hang(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.hang), on_hang, 0, 0, NULL);
    unsigned worker = any_process(sim);
    if (sim->quiet || !sim->proc[worker].alive)
        return;
    say(sim, "%s hangs", sim->proc[worker].name);
    sim->proc[worker].busy_until = sim->now + between(sim, SECOND, 10 * MINUTE);
}

static void on_wall(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.wall_step), on_wall, 0, 0, NULL);
    if (sim->quiet)
        return;
    static const int64_t widest[] = {5 * MINUTE, 3 * HOUR, 40 * DAY, 3000 * DAY};
    int64_t width = widest[sim_below(sim, 4)];
    sim->wall_offset = EPOCH + between(sim, -width, width);
    say(sim, "the wall clock is set to %+lld s", (long long)((sim->wall_offset - EPOCH) / SECOND));
    daemon_wall(sim);
}

static void on_sync(struct sim *sim, const struct event *event)
{
    if (event->a != sim->boots)
        return;
    sim->synced = true;
    sim->wall_offset = EPOCH;
    say(sim, "the clock is synchronised");
    daemon_wall(sim);
}

/* After power comes back: no clock of its own, and the network's comes late. */
void faults_boot(struct sim *sim)
{
    if (!sim->rates.late_sync)
        return;
    sim->synced = false;
    sim->wall_offset = EPOCH - between(sim, MINUTE, 400 * DAY);
    sim_at(sim, sim->now + between(sim, 10 * SECOND, 6 * HOUR), on_sync, sim->boots, 0, NULL);
}

static void on_quiet(struct sim *sim, const struct event *event)
{
    (void)event;
    say(sim, "from now on nothing goes wrong any more");
    sim->quiet = true;
    sim->synced = true;
    sim->wall_offset = EPOCH;
    daemon_wall(sim);
    store_disk(sim, 0, false);
    mqtt_broker_up(sim, true);
    for (unsigned i = 0; i < PLATFORMS; i++)
        platform_broker(sim, i, true);
    for (unsigned i = 0; i < PROCS; i++)
        sim->proc[i].busy_until = 0;
    gpio_level(sim, "cord", 0);
    devices_mend(sim);
}

void faults_begin(struct sim *sim)
{
    for (uint64_t what = 0; what < STRIKES; what++)
        sim_at(sim, sim_wait(sim, rate_of(sim, (enum strike)what)), on_strike, what, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.disk_slow), on_disk, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.disk_fails), on_disk, 1, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.disk_corrupt), on_corrupt, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.remote_down), on_remote, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.local_down), on_local, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.local_killed), on_local_killed, 0, 0, NULL);
    if (sim->rates.local_killed > 0)
        sim_at(sim, 30 * MINUTE, on_local_saves, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.hang), on_hang, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.wall_step), on_wall, 0, 0, NULL);
    sim_at(sim, sim->quiet_from, on_quiet, 0, 0, NULL);
}
