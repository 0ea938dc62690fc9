/* world.c - virtual time, chance from one seed, and the events in their order. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

uint64_t sim_random(struct sim *sim)
{ /* xoroshiro128+ */
    uint64_t a = sim->random[0], b = sim->random[1], sum = a + b;
    b ^= a;
    sim->random[0] = (a << 24 | a >> 40) ^ b ^ (b << 16);
    sim->random[1] = b << 37 | b >> 27;
    return sum;
}

uint64_t sim_below(struct sim *sim, uint64_t n)
{
    return n ? (sim_random(sim) >> 11) % n : 0;
}

static double unit(struct sim *sim)
{
    return (double)(sim_random(sim) >> 11) / 9007199254740992.0;
}

bool sim_chance(struct sim *sim, double p)
{
    return unit(sim) < p;
}

int64_t sim_wait(struct sim *sim, double per_day)
{
    if (per_day <= 0)
        return NEVER_AT;
    return 1 + (int64_t)(-log(1 - unit(sim)) * (double)DAY / per_day);
}

static bool sooner(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

void sim_at(struct sim *sim, int64_t at, void (*run)(struct sim *, const struct event *), uint64_t a, uint64_t b,
            void *data)
{
    if (at == NEVER_AT) {
        free(data);
        return;
    }
    if (sim->n_heap == sim->room) {
        sim->room = sim->room ? 2 * sim->room : 256;
        sim->heap = realloc(sim->heap, sim->room * sizeof(*sim->heap));
        if (!sim->heap)
            abort();
    }
    size_t i = sim->n_heap++;
    struct event event = {at > sim->now ? at : sim->now, ++sim->seq, run, a, b, data};
    for (; i > 0 && sooner(&event, &sim->heap[(i - 1) / 2]); i = (i - 1) / 2)
        sim->heap[i] = sim->heap[(i - 1) / 2];
    sim->heap[i] = event;
}

static struct event pop(struct sim *sim)
{
    struct event top = sim->heap[0], last = sim->heap[--sim->n_heap];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < sim->n_heap; i = child) {
        if (child + 1 < sim->n_heap && sooner(&sim->heap[child + 1], &sim->heap[child]))
            child++;
        if (!sooner(&sim->heap[child], &last))
            break;
        sim->heap[i] = sim->heap[child];
    }
    sim->heap[i] = last;
    return top;
}

int64_t sim_boottime(const struct sim *sim)
{
    return sim->now - sim->boot_at;
}

int64_t sim_wall(const struct sim *sim)
{
    return sim->now + sim->wall_offset;
}

bool sim_step(struct sim *sim)
{
    int64_t next = sim->n_heap ? sim->heap[0].at : NEVER_AT;
    int64_t due = next > sim->now ? daemon_deadline(sim) : next; /* what is due now comes before any deadline */
    int64_t at = due < next ? due : next;
    if (sim->failed || at > sim->ends)
        return false;
    if (at > sim->now)
        sim->now = at;
    sim->counts.steps++;
    if (due < next) {
        daemon_tick(sim);
    } else {
        struct event event = pop(sim);
        event.run(sim, &event);
        free(event.data);
    }
    if (sim->core_stepped)
        checks_step(sim);
    sim->core_stepped = false;
    faults_step(sim);
    return !sim->failed;
}

static void seed_it(struct sim *sim, uint64_t seed)
{
    for (int i = 0; i < 2; i++) { /* splitmix64 */
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t z = seed;
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        sim->random[i] = z ^ z >> 31;
    }
}

struct sim *sim_create(uint64_t seed, double days, bool whole, const char *build)
{
    struct sim *sim = calloc(1, sizeof(*sim));
    if (!sim)
        abort();
    sim->seed = seed;
    sim->build = build;
    sim->whole = whole;
    seed_it(sim, seed);
    snprintf(sim->run_dir, sizeof(sim->run_dir), "/dev/shm/gw-sim-%d", (int)getpid());
    sim->boot_at = -20 * SECOND;
    faults_draw(sim);
    if (days <= 0)
        days = 0.25 + (double)sim_below(sim, 1500) / 1000;
    sim->quiet_from = (int64_t)(days * (double)DAY);
    sim->ends = sim->quiet_from + 40 * MINUTE;
    sim->wall_offset = EPOCH;
    sim->synced = true;
    sim->journal = journal_create();
    sim->checks = checks_create();
    sim->home = home_create(sim);
    sim->store = store_create();
    sim->local = mqtt_create();
    sim->wires = gpio_create();
    sim->platform = platform_create();
    return sim;
}

void sim_destroy(struct sim *sim)
{
    if (sim->core)
        daemon_kill_core(sim, true);
    for (size_t i = 0; i < sim->n_heap; i++)
        free(sim->heap[i].data);
    free(sim->heap);
    home_destroy(sim->home);
    store_destroy(sim->store);
    mqtt_destroy(sim->local);
    free(sim->wires);
    platform_destroy(sim->platform);
    checks_destroy(sim->checks);
    free(sim->journal);
    free(sim);
}
