/* devices.c - what happens in the home: somebody sleeps, goes to the bathroom, opens the front door, calls for help;
 * and what sensors do wrong: bounce, fall silent, stick, repeat yesterday's messages. */
#include <stdio.h>
#include <string.h>

#include "devices.h"
#include "sim.h"

/* A thing on a wire has a line, one on the radio a topic; one that speaks JSON says its level under a key. */
static const struct {
    const char *name, *wire, *topic, *key;
} things[THINGS] = {
    [BED] = {"bed", "bed", NULL, NULL},
    [BATH_DOOR] = {"bath-door", NULL, "z/bath-door", NULL},
    [BATH_MOTION] = {"bath-motion", NULL, "z/bath-motion", NULL},
    [FRONT_DOOR] = {"front-door", NULL, "z/front-door", NULL},
    [HALL_MOTION] = {"hall-motion", NULL, "z/hall-motion", NULL},
    [KITCHEN] = {"kitchen-motion", NULL, "z/kitchen-motion", "occupancy"},
    [SMOKE] = {"smoke", NULL, "z/smoke", "smoke"},
    [WATER] = {"water", "water", NULL, NULL},
    [MAINS] = {"mains", "mains", NULL, NULL},
    [WARMTH] = {"warmth", NULL, NULL, NULL},
    [FRIDGE] = {"fridge", NULL, NULL, NULL},
};

/* Where each thing's level is kept between events: in the seed's own sim. */
static struct devices *devices(struct sim *sim)
{
    return &sim->devices;
}

void devices_tell(struct sim *sim, enum thing thing)
{
    const char *topic = things[thing].topic;
    int level = devices(sim)->level[thing];
    char payload[96];
    if (!topic || sim->now < devices(sim)->silent_until[thing])
        return;
    if (!things[thing].key) {
        mqtt_publish(sim, topic, level ? "1" : "0", true);
        return;
    }
    snprintf(payload, sizeof(payload), "{\"%s\":%s,\"battery\":%d,\"tamper\":%s}", things[thing].key,
             level ? "true" : "false", devices(sim)->battery[thing], devices(sim)->opened[thing] ? "true" : "false");
    mqtt_publish(sim, topic, payload, false);
}

void devices_set(struct sim *sim, enum thing thing, int value)
{
    if (sim->now < devices(sim)->stuck_until[thing])
        return;
    devices(sim)->level[thing] = value;
    if (things[thing].wire)
        gpio_level(sim, things[thing].wire, value);
    else
        devices_tell(sim, thing);
}

int64_t devices_between(struct sim *sim, int64_t from, int64_t to)
{
    return from + (int64_t)sim_below(sim, (uint64_t)(to - from));
}

/* ---- a life ---- */

/* In the last minute nothing moves: what is read then is not in the log yet. */
static void on_set(struct sim *sim, const struct event *event)
{
    if (sim->now < sim->ends - MINUTE)
        devices_set(sim, (enum thing)event->a, (int)event->b);
}

void devices_set_later(struct sim *sim, int64_t in, enum thing thing, int value)
{
    sim_at(sim, sim->now + in, on_set, thing, (uint64_t)value, NULL);
}

static void bathroom(struct sim *sim)
{
    int64_t stay = sim_chance(sim, 0.25) ? devices_between(sim, 10 * MINUTE, 50 * MINUTE)
                                         : devices_between(sim, MINUTE, 9 * MINUTE);
    devices_set_later(sim, 0, BATH_DOOR, 1);
    devices_set_later(sim, 2 * SECOND, BATH_MOTION, 1);
    devices_set_later(sim, 5 * SECOND, BATH_DOOR, 0);
    devices_set_later(sim, 40 * SECOND, BATH_MOTION, 0);
    if (sim_chance(sim, 0.6)) {
        devices_set_later(sim, stay / 2, BATH_MOTION, 1);
        devices_set_later(sim, stay / 2 + 20 * SECOND, BATH_MOTION, 0);
    }
    devices_set_later(sim, stay, BATH_DOOR, 1);
    devices_set_later(sim, stay + 3 * SECOND, HALL_MOTION, 1);
    devices_set_later(sim, stay + 30 * SECOND, HALL_MOTION, 0);
}

static void front_door(struct sim *sim)
{
    int64_t open =
        sim_chance(sim, 0.3) ? devices_between(sim, 5 * MINUTE, 25 * MINUTE) : devices_between(sim, 3 * SECOND, MINUTE);
    devices_set_later(sim, 0, FRONT_DOOR, 1);
    devices_set_later(sim, open, FRONT_DOOR, 0);
    if (sim_chance(sim, 0.7)) {
        devices_set_later(sim, open + 40 * SECOND, HALL_MOTION, 1);
        devices_set_later(sim, open + 80 * SECOND, HALL_MOTION, 0);
    }
}

static void sleep_a_while(struct sim *sim)
{
    devices_set_later(sim, 0, BED, 1);
    devices_set_later(sim, devices_between(sim, 5 * MINUTE, sim_chance(sim, 0.2) ? 5 * HOUR : HOUR), BED, 0);
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
    sim->counts.presses++;
    if (sim->rates.local_killed > 0) /* as buttons do: each time the same words */
        snprintf(payload, sizeof(payload), "{\"action\":\"single\"}");
    else
        snprintf(payload, sizeof(payload), "{\"action\":\"single\",\"n\":%llu}",
                 (unsigned long long)sim->counts.presses);
    say(sim, "the button is pressed (%llu)", (unsigned long long)sim->counts.presses);
    mqtt_press(sim, "z/button", payload, sim_chance(sim, sim->rates.storm > 0 ? 0.1 : 0));
}

static void on_press(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.press), on_press, 0, 0, NULL);
    if (sim->quiet)
        return;
    if (sim_chance(sim, 0.3)) {
        sim_at(sim, sim->now, on_cord, 1, 0, NULL);
        sim_at(sim, sim->now + devices_between(sim, 60, 1500), on_cord, 0, 0, NULL);
    } else {
        unsigned times = sim_chance(sim, 0.2) ? 1 + (unsigned)sim_below(sim, 6) : 1;
        if (sim_chance(sim, sim->rates.frenzy))
            times = 25 + (unsigned)sim_below(sim, 40);
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
        devices_set_later(sim, i * devices_between(sim, 1, 6), BED, i & 1);
    devices_set_later(sim, 400, BED, end);
}

static void on_silent(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.silent), on_silent, 0, 0, NULL);
    if (sim->quiet)
        return;
    enum thing thing = (enum thing)sim_below(sim, sim->whole ? THINGS : SMALL_THINGS);
    int64_t *until = sim_chance(sim, 0.5) ? devices(sim)->silent_until : devices(sim)->stuck_until;
    int64_t longest = sim->whole && sim_chance(sim, 0.3) ? 12 * HOUR : 3 * HOUR;
    until[thing] = sim->now + devices_between(sim, MINUTE, longest);
}

/* Somebody's bridge starts again and repeats everything, retained or not. */
static void on_storm(struct sim *sim, const struct event *event)
{
    (void)event;
    sim_at(sim, sim->now + sim_wait(sim, sim->rates.storm), on_storm, 0, 0, NULL);
    if (sim->quiet)
        return;
    for (int i = 0; i < 40; i++)
        devices_tell(sim, BATH_DOOR + (enum thing)sim_below(sim, (sim->whole ? WITH_LEVELS : SMALL_THINGS) - 1));
}

static void on_warmth(struct sim *sim, const struct event *event)
{
    (void)event;
    char payload[32];
    snprintf(payload, sizeof(payload), "%.1f", fittings_warmth(sim, 19 + (double)sim_below(sim, 40) / 10));
    if (sim->now >= devices(sim)->silent_until[WARMTH])
        mqtt_publish(sim, "z/warmth", payload, true);
    sim_at(sim, sim->now + devices_between(sim, 5 * MINUTE, 20 * MINUTE), on_warmth, 0, 0, NULL);
}

void devices_begin(struct sim *sim)
{
    for (enum thing thing = BATH_DOOR; thing < SMALL_THINGS; thing++)
        devices_tell(sim, thing);
    sim_at(sim, sim_wait(sim, sim->rates.life), on_life, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.press), on_press, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.bounce), on_bounce, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.silent), on_silent, 0, 0, NULL);
    sim_at(sim, sim_wait(sim, sim->rates.storm), on_storm, 0, 0, NULL);
    sim_at(sim, MINUTE, on_warmth, 0, 0, NULL);
    if (sim->whole)
        fittings_begin(sim);
}

/* At the beginning of the quiet time every sensor works and says what it sees. */
void devices_mend(struct sim *sim)
{
    memset(devices(sim)->silent_until, 0, sizeof(devices(sim)->silent_until));
    memset(devices(sim)->stuck_until, 0, sizeof(devices(sim)->stuck_until));
    for (enum thing thing = BATH_DOOR; thing < (sim->whole ? THINGS : SMALL_THINGS); thing++)
        devices_tell(sim, thing);
}

int devices_level(const struct sim *sim, const char *sensor)
{
    for (enum thing thing = 0; thing < WITH_LEVELS; thing++)
        if (strcmp(sensor, things[thing].name) == 0 || (thing == FRONT_DOOR && strcmp(sensor, "hall-door") == 0))
            return sim->devices.level[thing];
    return -1;
}
