/* presence.h - is somebody at home, and what is a sign of life? Pure helpers, header only, for the plugins in this
 * folder that watch a whole home: roles 0, 1, 2 of their sensing are the signs inside, the front doors, the beds.
 *
 * Signs of life are movements, inner doors and drawers that move, the bed, buttons. A lone movement is none until
 * another follows within half an hour: an empty home was seen to make 14 phantom movements of a second in 83 hours.
 *
 * Out: a door changes, and for a quarter of an hour nothing inside does, a minute after the door's last change or later
 * (sooner it may be the steps on the way out); a lone movement makes that another quarter. Back: a movement within a
 * quarter of an hour after the door; or, the door having been missed, something credible: three movements of two
 * sensors within a quarter of an hour (phantoms come in threes, but from one sensor), a presence that lasts two minutes
 * (movement sensors were seen to hang for five hours), a button. Who falls in the doorway within that minute is taken
 * for out.
 *
 * Where no front door is watched (or it is lost), the rooms by which one leaves say a little: whose last sign of life
 * is in the hall is out, perhaps, until two movements say else; whose last sign is in another room is at home.
 *
 * Mats hang too, one for ten days: a bed is occupied until somebody moves in another room, and for 16 hours at most. */
#ifndef PLUGINS_PRESENCE_H
#define PLUGINS_PRESENCE_H

#include "sensing.h"
#include "timing.h"

#define PRESENCE_STEPS_AFTER   GW_MINUTE        /* movement this long after the door's last change is inside */
#define PRESENCE_OUT_AFTER     (15 * GW_MINUTE) /* none for so long: out */
#define PRESENCE_CONFIRM       (30 * GW_MINUTE) /* a lone movement waits so long for another ... */
#define PRESENCE_CONFIRM_AFTER (10 * GW_SECOND) /* that comes at least so much later, or from another sensor */
#define PRESENCE_HELD          (2 * GW_MINUTE)  /* a level that lasts so long is no phantom */
#define PRESENCE_STUCK         (4 * GW_HOUR)    /* and after so long it is stuck */
#define PRESENCE_BED_STUCK     (16 * GW_HOUR)   /* an occupied bed too */
#define PRESENCE_HEARD_MIN     3u               /* sensors inside, of which silence says something */
#define PRESENCE_CREDIBLE      3                /* movements that bring back who was out ... */
#define PRESENCE_CREDIBLE_IN   (15 * GW_MINUTE) /* within this */

enum { PRESENCE_SIGNS, PRESENCE_DOORS, PRESENCE_BEDS };

/* What a reading, or the time passed, has changed: bits. */
enum presence_change {
    PRESENCE_SIGN = 1, /* a sure sign of life inside */
    PRESENCE_DOOR = 2, /* the front door moved, and nobody was out */
    PRESENCE_WENT = 4, /* out, since .went */
    PRESENCE_BACK = 8, /* not out any more */
    PRESENCE_ANEW = 16 /* away or a visit began or ended: what was known before counts no more */
};

struct presence {
    struct sensing sensing;
    uint32_t doors, inside, exits, heard_inside, lost; /* sensors; lost ones inside */

    int out;     /* nobody at home */
    int perhaps; /* out, or quiet after a last sign in the hall: no door could tell */
    int muted;   /* away, or a carer's visit */
    int blind;   /* all lost, or too few heard of: silence says nothing */

    struct gw_reading door;                      /* its last change; id 0: none */
    gw_time leaving;                             /* nobody was seen since the door changed: out at this time; 0: no */
    struct gw_reading went;                      /* the door's change after which nobody was seen */
    struct gw_reading lone;                      /* the last movement, waiting for another; id 0: none */
    struct gw_reading recent[PRESENCE_CREDIBLE]; /* movements while out, newest first */
    gw_time on_at[SENSING_MAX];                  /* the level turned on */
    uint8_t lasting[SENSING_MAX];                /* of a kind that sees somebody who sits still */
    uint8_t exit[SENSING_MAX];                   /* of a room by which one leaves */
    uint8_t heard[SENSING_MAX];                  /* has told a change */
    uint8_t doubted[SENSING_MAX];                /* a bed said to be occupied while somebody moves in another room */
};

/* Sees it enough to speak of silence? */
static inline void presence_look(struct presence *presence)
{
    presence->lost = 0;
    for (uint32_t i = 0; i < presence->sensing.n; i++)
        presence->lost += !sensing_plays(&presence->sensing, i, PRESENCE_DOORS) && presence->sensing.lost[i];
    const uint32_t enough = presence->inside < PRESENCE_HEARD_MIN ? presence->inside : PRESENCE_HEARD_MIN;
    presence->blind = presence->lost == presence->inside || presence->heard_inside < enough;
}

static inline int presence_room_is_exit(const char *room)
{
    static const char *const exits[] = {"hall", "hallway", "corridor", "entrance", "foyer", "front-door", "porch"};
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        if (strcmp(room, exits[i]) == 0)
            return 1;
    }
    return 0;
}

/* As sensing_open, with at least three names in the order above. */
static inline int presence_open(struct presence *presence, const struct gw_host *host, const char *const *names,
                                uint32_t n_names, char *error, size_t error_size)
{
    if (sensing_open(&presence->sensing, host, names, n_names, error, error_size) != 0)
        return -1;
    const uint8_t signs = 1u << PRESENCE_SIGNS, doors = 1u << PRESENCE_DOORS, beds = 1u << PRESENCE_BEDS;
    for (uint32_t i = 0; i < host->sensors; i++) {
        uint8_t *roles = &presence->sensing.roles[i]; /* the front door and the bed are themselves, whatever else */
        if ((*roles & doors) != 0)
            *roles = (uint8_t)(*roles & ~(signs | beds));
        else if ((*roles & beds) != 0)
            *roles &= (uint8_t)~signs;
        presence->doors += (*roles & doors) != 0;
        presence->inside += (*roles & (signs | beds)) != 0;
        presence->exit[i] = (*roles & signs) != 0 && presence_room_is_exit(host->sensor_room(host, i));
        presence->exits += presence->exit[i];
        presence->lasting[i] = strcmp(host->sensor_kind(host, i), "presence") == 0;
    }
    if (presence->inside == 0) {
        (void)snprintf(error, error_size, "no sensor inside the home");
        return -1;
    }
    presence_look(presence);
    return 0;
}

/* Tell the host how well it sees; learning: what it needs, in two languages, or NULL. Nothing on a host of minor 0. */
static inline void presence_health(const struct presence *presence, const struct gw_host *host, const char *learning_en,
                                   const char *learning_zh)
{
    if (host->size < offsetof(struct gw_host, health) + sizeof host->health)
        return;
    if (presence->lost >= presence->inside)
        host->health(host, GW_HEALTH_BLIND, "Every sensor inside the home is lost.", "家中所有传感器均已失联。");
    else if (presence->blind)
        host->health(host, GW_HEALTH_LEARNING, "Too few sensors inside the home have been heard of yet.",
                     "家中有过信号的传感器还太少。");
    else if (learning_en != NULL)
        host->health(host, GW_HEALTH_LEARNING, learning_en, learning_zh);
    else
        host->health(host, GW_HEALTH_OK, "", "");
}

static inline int presence_knows_door(const struct presence *presence)
{
    return presence->doors > 0 && sensing_lost(&presence->sensing, PRESENCE_DOORS) == 0;
}

/* Can it tell silence from absence at all? */
static inline int presence_knows_out(const struct presence *presence)
{
    return presence_knows_door(presence) || (presence->exits > 0 && presence->exits < presence->inside);
}

static inline int presence_is_level(const struct presence *presence, uint32_t i)
{
    return sensing_plays(&presence->sensing, i, PRESENCE_SIGNS) && !presence->sensing.contact[i] &&
           !presence->sensing.lost[i] && presence->sensing.level[i] == SENSING_ON;
}

/* Does a level last, which is a sign of life all the time? */
static inline int presence_lasts(const struct presence *presence, gw_time now)
{
    for (uint32_t i = 0; i < presence->sensing.n; i++) {
        const gw_time on = now - presence->on_at[i];
        if (presence_is_level(presence, i) && on >= PRESENCE_HELD && on < PRESENCE_STUCK)
            return 1;
    }
    return 0;
}

static inline int presence_bed(const struct presence *presence, uint32_t i, gw_time now)
{
    return sensing_plays(&presence->sensing, i, PRESENCE_BEDS) && presence->sensing.level[i] == SENSING_ON &&
           !presence->sensing.lost[i] && !presence->doubted[i] && now - presence->on_at[i] < PRESENCE_BED_STUCK;
}

/* Is somebody in bed, as far as mats are to be believed? */
static inline int presence_in_bed(const struct presence *presence, gw_time now)
{
    for (uint32_t i = 0; i < presence->sensing.n; i++) {
        if (presence_bed(presence, i, now))
            return 1;
    }
    return 0;
}

/* When the next of these answers changes by itself; 0: never. */
static inline gw_time presence_wake(const struct presence *presence, gw_time now)
{
    gw_time wake = presence->muted ? 0 : presence->leaving;
    for (uint32_t i = 0; i < presence->sensing.n; i++) {
        const gw_time on_at = presence->on_at[i], on = now - on_at;
        if (presence_is_level(presence, i) && on < PRESENCE_STUCK)
            wake = timing_first(wake, on_at + (on < PRESENCE_HELD ? PRESENCE_HELD : PRESENCE_STUCK));
        if (presence_bed(presence, i, now))
            wake = timing_first(wake, on_at + PRESENCE_BED_STUCK);
    }
    return wake;
}

static inline unsigned presence_back(struct presence *presence)
{
    const int out = presence->out;
    presence->out = presence->perhaps = 0;
    presence->leaving = 0;
    memset(presence->recent, 0, sizeof presence->recent);
    return out ? PRESENCE_BACK : 0;
}

/* Somebody else may be there: the other one left, or a carer. */
static inline int presence_stays(const struct presence *presence, gw_time now)
{
    for (uint32_t i = 0; i < presence->sensing.n; i++) {
        if (presence_is_level(presence, i) && now - presence->on_at[i] < PRESENCE_STUCK)
            return 1;
    }
    return presence_in_bed(presence, now);
}

/* A presence that began while out, and lasts. */
static inline int presence_returned(const struct presence *presence, gw_time now)
{
    for (uint32_t i = 0; i < presence->sensing.n; i++) {
        const gw_time on = now - presence->on_at[i];
        if (presence->lasting[i] && presence_is_level(presence, i) && presence->on_at[i] > presence->went.at &&
            on >= PRESENCE_HELD && on < PRESENCE_STUCK)
            return 1;
    }
    return 0;
}

/* What the time up to now changes. Call it before each reading and at each wake. */
static inline unsigned presence_pass(struct presence *presence, gw_time now)
{
    if (presence->muted)
        return 0;
    if (presence->out && presence_returned(presence, now))
        return presence_back(presence) | PRESENCE_SIGN;
    if (presence->leaving == 0 || presence->leaving > now)
        return 0;
    presence->leaving = 0;
    if (presence_stays(presence, now))
        return 0;
    presence->out = 1;
    presence->perhaps = !sensing_plays(&presence->sensing, presence->door.sensor, PRESENCE_DOORS);
    presence->went = presence->door;
    presence->lone.id = 0;
    memset(presence->recent, 0, sizeof presence->recent);
    return PRESENCE_WENT;
}

static inline unsigned presence_home(struct presence *presence, const struct gw_reading *reading)
{
    if (reading->type == GW_GAP)
        presence->leaving = 0; /* nobody saw whether somebody stayed */
    if (reading->type != GW_MODE || (reading->flags & GW_TEST) != 0)
        return 0;
    const int muted = sensing_mode_mutes(reading->value);
    if (!muted && !presence->muted)
        return 0;
    presence->muted = muted;
    presence->lone.id = 0;
    return presence_back(presence) | PRESENCE_ANEW;
}

/* Three movements of two sensors? */
static inline int presence_credible(struct presence *presence, const struct gw_reading *reading)
{
    struct gw_reading *recent = presence->recent;
    memmove(recent + 1, recent, (PRESENCE_CREDIBLE - 1) * sizeof *recent);
    recent[0] = *reading;
    const struct gw_reading *oldest = &recent[PRESENCE_CREDIBLE - 1];
    int sensors = 0;
    for (int i = 1; i < PRESENCE_CREDIBLE; i++)
        sensors |= recent[i].sensor != recent[0].sensor;
    return oldest->id != 0 && reading->at - oldest->at <= PRESENCE_CREDIBLE_IN && sensors;
}

static inline unsigned presence_sure(struct presence *presence, const struct gw_host *host,
                                     const struct gw_reading *reading)
{
    const char *room = host->sensor_room(host, reading->sensor);
    for (uint32_t i = 0; i < presence->sensing.n; i++)
        presence->doubted[i] |=
            strcmp(host->sensor_room(host, i), room) != 0 && reading->at - presence->on_at[i] >= PRESENCE_STEPS_AFTER;
    return PRESENCE_SIGN;
}

/* Something moved inside. sure: by itself a sign of life, no phantom. */
static inline unsigned presence_moved(struct presence *presence, const struct gw_host *host,
                                      const struct gw_reading *reading, int sure)
{
    const struct gw_reading *lone = &presence->lone;
    const gw_time from_door = reading->at - presence->door.at;
    const int inside = presence->door.id == 0 || from_door >= PRESENCE_STEPS_AFTER;
    const int press = reading->type == GW_EVENT;
    if (presence->out) {
        const struct gw_reading last = presence->recent[0];
        const int again = presence->perhaps && last.id != 0 && reading->at - last.at <= PRESENCE_CONFIRM &&
                          (last.sensor != reading->sensor || reading->at - last.at >= PRESENCE_CONFIRM_AFTER);
        const int back = presence_credible(presence, reading) || again || press;
        if (back || (inside && from_door <= PRESENCE_OUT_AFTER && !presence->perhaps))
            return presence_back(presence) | PRESENCE_SIGN;
        return 0;
    }
    const int guessed =
        presence->door.id != 0 && !sensing_plays(&presence->sensing, presence->door.sensor, PRESENCE_DOORS);
    if (presence->exit[reading->sensor] && presence->exits < presence->inside && !presence_knows_door(presence)) {
        presence->door = *reading;
        presence->leaving = reading->at + PRESENCE_OUT_AFTER;
    } else if (presence->leaving != 0 && (inside || press || guessed)) {
        const int another = lone->id > presence->door.id && lone->at - presence->door.at >= PRESENCE_STEPS_AFTER;
        presence->leaving = sure || another || guessed ? 0 : reading->at + PRESENCE_OUT_AFTER;
    }
    const int confirmed = lone->id != 0 && reading->at - lone->at <= PRESENCE_CONFIRM &&
                          (lone->sensor != reading->sensor || reading->at - lone->at >= PRESENCE_CONFIRM_AFTER);
    presence->lone = *reading;
    return sure || confirmed ? presence_sure(presence, host, reading) : 0;
}

static inline unsigned presence_door(struct presence *presence, const struct gw_reading *reading)
{
    presence->door = *reading;
    if (presence->out && !presence->sensing.contact[reading->sensor])
        return 0; /* a movement sensor at the way out has phantoms too: only who goes on is back */
    if (presence->out) {
        presence->went = *reading; /* back and out again, unless somebody is seen inside */
        return PRESENCE_BACK | PRESENCE_WENT;
    }
    presence->leaving = reading->at + PRESENCE_OUT_AFTER;
    return PRESENCE_DOOR;
}

static inline unsigned presence_take(struct presence *presence, const struct gw_host *host,
                                     const struct gw_reading *reading)
{
    const struct sensing *sensing = &presence->sensing;
    const uint32_t sensor = reading->sensor;
    if (sensor == GW_SENSOR_HOME)
        return presence_home(presence, reading);
    const enum sensing_change change = sensing_take(&presence->sensing, reading);
    if (sensor >= sensing->n || (reading->flags & GW_TEST) != 0)
        return 0;
    const gw_time on_at = presence->on_at[sensor];
    const int turned = change == SENSING_TURNED_ON || change == SENSING_TURNED_OFF;
    const int state_only = (reading->flags & (GW_INITIAL | GW_RETAINED | GW_REREAD)) != 0;
    if (change == SENSING_TURNED_ON) {
        presence->on_at[sensor] = reading->at;
        presence->doubted[sensor] = 0;
    }
    const int tells = !state_only && (turned || reading->type == GW_EVENT);
    if (tells && !presence->heard[sensor] && !sensing_plays(sensing, sensor, PRESENCE_DOORS))
        presence->heard_inside++;
    presence->heard[sensor] |= (uint8_t)tells;
    presence_look(presence);
    if (!tells || presence->muted)
        return 0;
    if (sensing_plays(sensing, sensor, PRESENCE_DOORS))
        return turned ? presence_door(presence, reading) : 0;
    if (reading->type == GW_EVENT || sensing->contact[sensor] || sensing_plays(sensing, sensor, PRESENCE_BEDS))
        return presence_moved(presence, host, reading, 1);
    if (change == SENSING_TURNED_ON)
        return presence_moved(presence, host, reading, 0);
    return !presence->out && reading->at - on_at >= PRESENCE_HELD ? presence_sure(presence, host, reading) : 0;
}

#endif
