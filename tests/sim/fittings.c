/* fittings.c - what a whole home has besides what watches a person: smoke and water alarms, mains, a fridge, movement
 * in the kitchen with battery and lid, a carer who checks in and out, and a platform that sets modes and tries sensors.
 */
#include <stdio.h>

#include "base/text.h"
#include "sim.h"

enum matter {
    ALARM_OF_SMOKE,
    WET_FLOOR,
    DARK,
    COLD_ROOM,
    FIRE_IN_ROOM,
    ODD_ROOM,
    WARM_FRIDGE,
    EMPTY_BATTERY,
    OPEN_LID,
    SHAKY_BED,
    COOKING,
    CARER,
    ORDER,
    MATTERS
};

/* How often a day, at rate 1. */
static const double often[MATTERS] = {
    [ALARM_OF_SMOKE] = 2, [WET_FLOOR] = 2,   [DARK] = 2,     [COLD_ROOM] = 2, [FIRE_IN_ROOM] = 0.5,
    [ODD_ROOM] = 1,       [WARM_FRIDGE] = 3, [OPEN_LID] = 2, [CARER] = 4,     [EMPTY_BATTERY] = 2,
    [SHAKY_BED] = 2,      [COOKING] = 8,     [ORDER] = 6,
};

static void on_matter(struct sim *sim, const struct event *event);

/* ---- alarms, figures, batteries ---- */

/* On, and off again; smoke comes back as it likes. */
static void for_a_while(struct sim *sim, enum thing thing, int on, int64_t longest)
{
    int64_t lasts = devices_between(sim, 10 * SECOND, longest);
    devices_set(sim, thing, on);
    devices_set_later(sim, lasts, thing, !on);
    if (sim_chance(sim, 0.3)) {
        int64_t again = lasts + devices_between(sim, SECOND, 15 * MINUTE);
        devices_set_later(sim, again, thing, on);
        devices_set_later(sim, again + devices_between(sim, SECOND, 5 * MINUTE), thing, !on);
    }
}

double fittings_warmth(struct sim *sim, double usual)
{
    if (sim->now < sim->devices.odd_until)
        return -120;
    return sim->now < sim->devices.cold_until ? usual - 10 : usual;
}

static void on_fridge(struct sim *sim, const struct event *event)
{
    (void)event;
    char payload[64];
    double usual = sim->now < sim->devices.warm_fridge_until ? 9 : 3;
    snprintf(payload, sizeof(payload), "{\"temperature\":%.1f,\"battery\":%d}", usual + (double)sim_below(sim, 30) / 10,
             sim->devices.battery[FRIDGE]);
    if (sim->now >= sim->devices.silent_until[FRIDGE])
        mqtt_publish(sim, "z/fridge", payload, false);
    sim_at(sim, sim->now + devices_between(sim, 3 * MINUTE, 12 * MINUTE), on_fridge, 0, 0, NULL);
}

/* What runs on a battery says each hour that it is there. */
static void on_report(struct sim *sim, const struct event *event)
{
    devices_tell(sim, (enum thing)event->a);
    sim_at(sim, sim->now + devices_between(sim, 40 * MINUTE, 70 * MINUTE), on_report, event->a, 0, NULL);
}

static void on_good_battery(struct sim *sim, const struct event *event)
{
    sim->devices.battery[event->a] = 100;
    devices_tell(sim, (enum thing)event->a);
}

static void empty_battery(struct sim *sim)
{
    static const enum thing with_battery[] = {KITCHEN, SMOKE, FRIDGE};
    enum thing thing = with_battery[sim_below(sim, 3)];
    sim->devices.battery[thing] = (int)sim_below(sim, 20);
    devices_tell(sim, thing);
    sim_at(sim, sim->now + devices_between(sim, 10 * MINUTE, 8 * HOUR), on_good_battery, thing, 0, NULL);
}

static void on_lid(struct sim *sim, const struct event *event)
{
    sim->devices.opened[event->a] = event->b;
    devices_tell(sim, (enum thing)event->a);
}

static void fire_in_room(struct sim *sim)
{
    say(sim, "the thermometer is in the fire");
    mqtt_publish(sim, "z/warmth", "61.5", true);
}

/* A loose contact, slow enough to be taken for changes. */
static void shaky_bed(struct sim *sim)
{
    int end = (int)sim_below(sim, 2);
    for (int i = 0; i < 60; i++)
        devices_set_later(sim, i * devices_between(sim, 60, 240), BED, i & 1);
    devices_set_later(sim, 15 * SECOND, BED, end);
}

/* ---- people ---- */

static void on_tag(struct sim *sim, const struct event *event)
{
    (void)event;
    char payload[64];
    snprintf(payload, sizeof(payload), "{\"action\":\"single\",\"n\":%llu}", (unsigned long long)++sim->counts.presses);
    mqtt_publish(sim, "z/carer", payload, false);
}

static void carer(struct sim *sim)
{
    say(sim, "a carer comes");
    sim_at(sim, sim->now, on_tag, 0, 0, NULL);
    if (sim_chance(sim, 0.2))
        sim_at(sim, sim->now + devices_between(sim, SECOND, 2 * MINUTE), on_tag, 0, 0, NULL);
    if (sim_chance(sim, 0.8))
        sim_at(sim, sim->now + devices_between(sim, 5 * MINUTE, 3 * HOUR), on_tag, 0, 0, NULL);
}

static void cooking(struct sim *sim)
{
    for (int64_t i = 0, at = 0; i < 4; i++, at += devices_between(sim, 2 * MINUTE, 6 * MINUTE)) {
        devices_set_later(sim, at, KITCHEN, 1);
        devices_set_later(sim, at + MINUTE, KITCHEN, 0);
    }
}

/* The platform says how things are in the home, or a technician tries a sensor from there. */
static void order(struct sim *sim)
{
    static const char *const modes[] = {"home", "away", "visit", "maintenance"};
    static const char *const sensors[] = {"smoke", "water", "fridge", "bed", "carer"};
    struct frame_command command = {.verb = sim_chance(sim, 0.3) ? VERB_TEST : VERB_MODE};
    bool mode = command.verb == VERB_MODE;
    text_copy(command.by, sizeof(command.by), "Wang Fang");
    text_copy(command.note, sizeof(command.note), mode ? modes[sim_below(sim, 4)] : sensors[sim_below(sim, 5)]);
    command.for_ms = mode ? devices_between(sim, MINUTE, 6 * HOUR) : 0;
    unsigned which = (unsigned)sim_below(sim, PLATFORMS);
    if (!platform_up(sim, which))
        return;
    say(sim, "the platform orders: %s %s", mode ? "mode" : "test of", command.note);
    uplink_command(sim, which, &command);
    faults_near_a_call(sim);
}

/* ---- all of it ---- */

static void happen(struct sim *sim, enum matter matter)
{
    switch (matter) {
    case ALARM_OF_SMOKE:
        for_a_while(sim, SMOKE, 1, 20 * MINUTE);
        faults_near_a_call(sim);
        break;
    case WET_FLOOR:
        for_a_while(sim, WATER, 1, 20 * MINUTE);
        break;
    case DARK:
        for_a_while(sim, MAINS, 0, 90 * MINUTE);
        break;
    case COLD_ROOM:
        sim->devices.cold_until = sim->now + devices_between(sim, MINUTE, 2 * HOUR);
        break;
    case FIRE_IN_ROOM:
        fire_in_room(sim);
        break;
    case ODD_ROOM:
        sim->devices.odd_until = sim->now + devices_between(sim, MINUTE, HOUR);
        break;
    case WARM_FRIDGE:
        sim->devices.warm_fridge_until = sim->now + devices_between(sim, MINUTE, HOUR);
        break;
    case EMPTY_BATTERY:
        empty_battery(sim);
        break;
    case OPEN_LID:
        sim_at(sim, sim->now, on_lid, KITCHEN, 1, NULL);
        sim_at(sim, sim->now + devices_between(sim, SECOND, HOUR), on_lid, KITCHEN, 0, NULL);
        break;
    case SHAKY_BED:
        shaky_bed(sim);
        break;
    case COOKING:
        cooking(sim);
        break;
    case CARER:
        carer(sim);
        break;
    default:
        order(sim);
    }
}

static void next_matter(struct sim *sim, enum matter matter)
{
    sim_at(sim, sim->now + sim_wait(sim, often[matter] * sim->rates.fittings), on_matter, matter, 0, NULL);
}

static void on_matter(struct sim *sim, const struct event *event)
{
    enum matter matter = (enum matter)event->a;
    next_matter(sim, matter);
    if (!sim->quiet)
        happen(sim, matter);
}

void fittings_begin(struct sim *sim)
{
    for (enum thing thing = 0; thing < THINGS; thing++)
        sim->devices.battery[thing] = 100;
    devices_set(sim, MAINS, 1);
    for (enum matter matter = 0; matter < MATTERS; matter++)
        next_matter(sim, matter);
    sim_at(sim, MINUTE, on_fridge, 0, 0, NULL);
    sim_at(sim, 2 * MINUTE, on_report, KITCHEN, 0, NULL);
    sim_at(sim, 3 * MINUTE, on_report, SMOKE, 0, NULL);
}
