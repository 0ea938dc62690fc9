/* devices.c - what happens in the home: somebody sleeps, goes to the bathroom, opens the front door, calls for help;
 * and what sensors do wrong: bounce, fall silent, stick, repeat yesterday's messages. */
#include "devices.h"

#include <stdio.h>
#include <string.h>

#include "sim.h"

enum thing { BED, BATH_DOOR, BATH_MOTION, FRONT_DOOR, HALL_MOTION, THINGS };

static const char *const topics[THINGS] = {NULL, "z/bath-door", "z/bath-motion", "z/front-door", "z/hall-motion"};

/* Where each thing's level is kept between events: in the seed's own sim. */
static struct devices *devices(struct sim *sim)
{
    return &sim->devices;
}

static void publish_level(struct sim *sim, enum thing thing)
{
    if (sim->now >= devices(sim)->silent_until[thing])
        mqtt_publish(sim, topics[thing], devices(sim)->level[thing] ? "1" : "0", true);
}

static void level(struct sim *sim, enum thing thing, int value)
{
    if (sim->now < devices(sim)->stuck_until[thing])
        return;
    devices(sim)->level[thing] = value;
    if (thing == BED)
        gpio_level(sim, "bed", value);
    else
        publish_level(sim, thing);
}

static int64_t between(struct sim *sim, int64_t from, int64_t to)
{
    return from + (int64_t)sim_below(sim, (uint64_t)(to - from));
}

/* ---- a life ---- */

/* In the last minute nothing moves: what is read then is not in the log yet. */
static void on_set(struct sim *sim, const struct event *event)
{
    if (sim->now < sim->ends - MINUTE)
        level(sim, (enum thing)event->a, (int)event->b);
}

static void later(struct sim *sim, int64_t in, enum thing thing, int value)
{
    sim_at(sim, sim->now + in, on_set, thing, (uint64_t)value, NULL);
}

static void bathroom(struct sim *sim)
{
    int64_t stay = sim_chance(sim, 0.25) ? between(sim, 10 * MINUTE, 50 * MINUTE) : between(sim, MINUTE, 9 * MINUTE);
    later(sim, 0, BATH_DOOR, 1);
    later(sim, 2 * SECOND, BATH_MOTION, 1);
    later(sim, 5 * SECOND, BATH_DOOR, 0);
    later(sim, 40 * SECOND, BATH_MOTION, 0);
    if (sim_chance(sim, 0.6)) {
        later(sim, stay / 2, BATH_MOTION, 1);
        later(sim, stay / 2 + 20 * SECOND, BATH_MOTION, 0);
    }
    later(sim, stay, BATH_DOOR, 1);
    later(sim, stay + 3 * SECOND, HALL_MOTION, 1);
    later(sim, stay + 30 * SECOND, HALL_MOTION, 0);
}

static void front_door(struct sim *sim)
{
    int64_t open = sim_chance(sim, 0.3) ? between(sim, 5 * MINUTE, 25 * MINUTE) : between(sim, 3 * SECOND, MINUTE);
    later(sim, 0, FRONT_DOOR, 1);
    later(sim, open, FRONT_DOOR, 0);
    if (sim_chance(sim, 0.7)) {
        later(sim, open + 40 * SECOND, HALL_MOTION, 1);
        later(sim, open + 80 * SECOND, HALL_MOTION, 0);
    }
}

static void sleep_a_while(struct sim *sim)
{
    later(sim, 0, BED, 1);
    later(sim, between(sim, 5 * MINUTE, sim_chance(sim, 0.2) ? 5 * HOUR : HOUR), BED, 0);
}

static void on_life(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.life), on_life, 0, 0, NULL);
    if (sim->quiet)
        return;
    switch (sim_below(sim, 3)) {
    case 0:
        bathroom(sim);
        break;
    case 1:
        front_door(sim);
        break;
    default:
        sleep_a_while(sim);
    }
}

/* ---- calls ---- */

static void on_cord(struct sim *sim, const struct event *event)
{
    gpio_level(sim, "cord", (int)event->a);
}

static void press(struct sim *sim)
{
    char payload[64];
    snprintf(payload, sizeof(payload), "{\"action\":\"single\",\"n\":%llu}", (unsigned long long)++sim->counts.presses);
    say(sim, "the button is pressed (%llu)", (unsigned long long)sim->counts.presses);
    mqtt_publish(sim, "z/button", payload, sim_chance(sim, sim->rates.storm > 0 ? 0.1 : 0));
}

static void on_press(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.press), on_press, 0, 0, NULL);
    if (sim->quiet)
        return;
    if (sim_chance(sim, 0.3)) {
        sim_at(sim, sim->now, on_cord, 1, 0, NULL);
        sim_at(sim, sim->now + between(sim, 60, 1500), on_cord, 0, 0, NULL);
    } else {
        unsigned times = sim_chance(sim, 0.2) ? 1 + (unsigned)sim_below(sim, 6) : 1;
        for (unsigned i = 0; i < times; i++)
            press(sim);
    }
    faults_near_a_call(sim);
}

/* ---- what they do wrong ---- */

static void on_bounce(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.bounce), on_bounce, 0, 0, NULL);
    if (sim->quiet)
        return;
    int end = (int)sim_below(sim, 2);
    for (int i = 0; i < 30; i++)
        later(sim, i * between(sim, 1, 6), BED, i & 1);
    later(sim, 400, BED, end);
}

static void on_silent(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.silent), on_silent, 0, 0, NULL);
    if (sim->quiet)
        return;
    enum thing thing = (enum thing)sim_below(sim, THINGS);
    int64_t *until = sim_chance(sim, 0.5) ? devices(sim)->silent_until : devices(sim)->stuck_until;
    until[thing] = sim->now + between(sim, MINUTE, 3 * HOUR);
}

/* Somebody's bridge starts again and repeats everything, retained or not. */
static void on_storm(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.storm), on_storm, 0, 0, NULL);
    if (sim->quiet)
        return;
    for (int i = 0; i < 40; i++)
        publish_level(sim, BATH_DOOR + (enum thing)sim_below(sim, THINGS - 1));
}

static void on_warmth(struct sim *sim, const struct event *event)
{
    (void)event;
    char payload[32];
    snprintf(payload, sizeof(payload), "%.1f", 19 + (double)sim_below(sim, 40) / 10);
    mqtt_publish(sim, "z/warmth", payload, true);
    sim_at(sim, sim->now + between(sim, 5 * MINUTE, 20 * MINUTE), on_warmth, 0, 0, NULL);
}

void devices_begin(struct sim *sim)
{
    for (enum thing thing = BATH_DOOR; thing < THINGS; thing++)
        publish_level(sim, thing);
    sim_at(sim, sim_wait(sim, sim->rates.life), on_life, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.press), on_press, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.bounce), on_bounce, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.silent), on_silent, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.storm), on_storm, 0, 0, NULL);
    sim_at(sim, MINUTE, on_warmth, 0, 0, NULL);
}

/* At the beginning of the quiet time every sensor works and says what it sees. */
void devices_mend(struct sim *sim)
{
    memset(devices(sim)->silent_until, 0, sizeof(devices(sim)->silent_until));
    memset(devices(sim)->stuck_until, 0, sizeof(devices(sim)->stuck_until));
    for (enum thing thing = BATH_DOOR; thing < THINGS; thing++)
        publish_level(sim, thing);
}

int devices_level(const struct sim *sim, const char *sensor)
{
    static const char *const names[THINGS] = {"bed", "bath-door", "bath-motion", "front-door", "hall-motion"};
    for (int i = 0; i < THINGS; i++)
        if (strcmp(sensor, names[i]) == 0 || (i == FRONT_DOOR && strcmp(sensor, "hall-door") == 0))
            return sim->devices.level[i];
    return -1;
}
