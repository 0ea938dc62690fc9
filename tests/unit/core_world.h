/* core_world.h - a core and everything it talks to, played by hand: frames it sends are kept per worker, frames to it
 * are made by short helpers, time moves only when a test says so. */
#ifndef TESTS_CORE_WORLD_H
#define TESTS_CORE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/kinds.h"
#include "base/text.h"
#include "core/core.h"

#define BOOT_A "11111111-2222-3333-4444-555555555555"

/* Worker numbers as the core gives them out: store, gpio, mqtt, uplinks, detectors. */
enum { STORE = 0, GPIO = 1, MQTT = 2, UPLINK = 3, UPLINK_B = 4, DETECTOR = 3 + UPLINKS_MAX };

struct sent {
    unsigned worker;
    struct frame frame;
};

struct world {
    struct settings settings;
    struct sensor_settings sensors[4];
    struct detector_settings detectors[2];
    struct uplink_settings uplinks[2];
    struct output_settings outputs[1];
    struct core *core;
    int64_t now;
    struct sent *sent[32768];
    unsigned n_sent;
    unsigned n_answered; /* of those, so many have been looked at by the workers */
    unsigned starts[WORKERS_MAX], kills[WORKERS_MAX];
    bool ready;
    const char *config_error; /* not NULL: the last good configuration runs */
    bool visit;               /* the first detector's alert is a visit, not a call */
    char log[64 * 1024];
    struct frame reply[32];
    unsigned n_replies;
    bool auto_commit;       /* the store answers every commit and urgent reading at once */
    bool auto_history;      /* the store has no history to tell */
    bool deaf[WORKERS_MAX]; /* answers no ping */
    uint64_t next_origin;   /* low part */
    struct frame scratch;
};

/* A home with a button (urgent, MQTT), a door (MQTT) and a GPIO bed; detectors call and door; one uplink; a help light.
 */
void world_make(struct world *w);
/* world_make, and everything started, loaded, configured and connected. */
void world_open(struct world *w);
void world_begin(struct world *w); /* core_create only */
void world_store_loads(struct world *w, uint64_t last_id, int64_t last_log);
void world_everybody_ready(struct world *w);
void world_close(struct world *w);

void world_wait(struct world *w, int64_t ms);                           /* time passes, deadlines are met one by one */
void world_say(struct world *w, unsigned worker, enum frame_type type); /* w->scratch was filled after world_new */
struct frame *world_new(struct world *w, enum frame_type type);
void world_loaded(struct world *w, unsigned worker); /* it says READY */
void world_ready(struct world *w, unsigned worker);  /* and a detector has answered its first batch */
void world_reading(struct world *w, unsigned source, uint16_t slot, uint32_t type, double value, uint32_t flags,
                   bool urgent);
/* The detector answers the batch it was given last, first saying `condition` (may be NULL). */
void world_answer(struct world *w, unsigned detector, const struct frame_condition *condition);
struct frame_condition world_condition(const struct world *w, uint32_t kind, uint64_t episode, const char *key);
void world_done(struct world *w, enum store_done what, uint64_t token, bool failed);
void world_link(struct world *w, unsigned uplink, bool up, bool session);
void world_command(struct world *w, enum verb verb, uint64_t alert, uint32_t rev);
void world_die(struct world *w, unsigned worker, int signal);

/* What was sent since the last world_forget. */
const struct frame *world_last(const struct world *w, unsigned worker, enum frame_type type); /* NULL: none */
unsigned world_count(const struct world *w, unsigned worker, enum frame_type type);
int world_place(const struct world *w, unsigned worker, enum frame_type type); /* order of the first one; -1 */
void world_forget(struct world *w);
bool world_raised(const struct world *w, const char *kind); /* SEND of an alert of this kind in state raised */

#endif
