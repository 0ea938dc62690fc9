/* The stay: who has come in, who is out again, and what is nobody. */
#include "bath.h"

#define ENTRY_AFTER     (5 * GW_SECOND)  /* movement this long after closing is not the leaver's */
#define HOLD            (2 * GW_MINUTE)  /* a level that lasts this long after closing neither */
#define SAME_ENTRY      (5 * GW_MINUTE)  /* the first movement so long after closing belongs to it */
#define ELSEWHERE_AFTER (30 * GW_SECOND) /* what moves elsewhere sooner was on the way in */
#define AIRED_AFTER     (30 * GW_SECOND) /* movement inside this long after opening is not the way out */
#define LEFT_AFTER      (3 * GW_MINUTE)  /* no such movement for so long: out */
#define SURELY_OUT      3u               /* movements elsewhere ... */
#define SURELY_OUT_OVER (2 * GW_MINUTE)  /* ... over so long, none inside in between: the opening was missed */
#define BY_THE_DOOR     (2 * GW_MINUTE)  /* the door moved so long before: she came in */
#define ON_THE_WAY      (30 * GW_SECOND) /* something elsewhere did */
#define NO_PHANTOM      (5 * GW_SECOND)  /* a level that lasts so long is somebody */
#define SECOND_SIGN     (10 * GW_MINUTE) /* a second movement within this too */
#define WAY             (2 * GW_MINUTE)  /* without a door: from elsewhere to inside, or back */

void bath_begin(struct bath *bath, int stay, const struct gw_reading *reading)
{
    if (bath->muted)
        return;
    bath->stay = stay;
    bath->lone.id = 0;
    bath->known_out = 0;
    bath->elsewhere = 0;
    bath->began = *reading;
    bath->leaving = 0;
}

void bath_end(struct bath *bath, const struct gw_host *host)
{
    bath->stay = EMPTY;
    bath->leaving = 0;
    for (uint32_t kind = 0; kind < KINDS; kind++)
        bath_lower(bath, host, kind);
}

/* The time at which a level inside that lasts says that somebody stayed in behind the closed door; 0: no such question.
 */
static gw_time hold_due(const struct bath *bath)
{
    const gw_time from = timing_later(bath->closed.at, bath->home_since);
    if (bath->stay != EMPTY || bath->held || bath->muted || !bath_door_is(bath, SENSING_OFF) || bath->closed.id == 0)
        return 0;
    if (bath->moved.at > from + ENTRY_AFTER)
        return 0; /* began later: see came_in */
    return sensing_active(&bath->sensing, MOTION) > 0 ? from + HOLD : 0;
}

/* A level that lasts since the lone movement is somebody; 0: there is none to wait for. */
static gw_time lone_due(const struct bath *bath)
{
    const int lasts = bath->moved.id == bath->lone.id && sensing_active(&bath->sensing, MOTION) > 0;
    return !bath->muted && bath->lone.id != 0 && lasts ? bath->lone.at + NO_PHANTOM : 0;
}

/* The door was opened, and nothing has moved inside since: out; 0: no such question. */
static gw_time left_due(const struct bath *bath)
{
    return bath->leaving != 0 ? bath->leaving + LEFT_AFTER : 0;
}

void bath_pass(struct bath *bath, const struct gw_host *host, gw_time now)
{
    if (lone_due(bath) != 0 && lone_due(bath) <= now)
        bath_begin(bath, bath_door_is(bath, SENSING_OFF) ? SURE : OPEN, &bath->lone);
    if (hold_due(bath) != 0 && hold_due(bath) <= now) {
        bath->held = 1;
        bath_begin(bath, SURE, &bath->closed);
    }
    if (left_due(bath) != 0 && left_due(bath) <= now)
        bath_end(bath, host);
}

gw_time bath_passes_at(const struct bath *bath)
{
    return timing_first(timing_first(lone_due(bath), hold_due(bath)), left_due(bath));
}

/* Movement while nobody was known to be inside. */
static void came_in(struct bath *bath, const struct gw_reading *reading, int behind_door)
{
    const struct gw_reading *from = reading;
    const gw_time way = bath->has_door ? ON_THE_WAY : WAY;
    if (!bath->has_door && (bath->outside == 0 || reading->at - bath->outside > SECOND_SIGN))
        return; /* nobody was there to come in */
    const int on_the_way = (bath->outside != 0 && reading->at - bath->outside <= way) ||
                           (bath->door_moved != 0 && reading->at - bath->door_moved <= BY_THE_DOOR);
    if (behind_door && reading->at - bath->closed.at <= SAME_ENTRY)
        from = &bath->closed;
    else if (!on_the_way) {
        const int again = bath->lone.id != 0 && reading->at - bath->lone.at <= SECOND_SIGN;
        if (!again) {
            bath->lone = *reading;
            return;
        }
        from = &bath->lone;
    }
    const struct gw_reading began = *from;
    bath_begin(bath, behind_door ? SURE : OPEN, &began);
}

void bath_moved_inside(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading, int began)
{
    const int behind_door =
        bath_door_is(bath, SENSING_OFF) && bath->closed.id != 0 && reading->at - bath->closed.at >= ENTRY_AFTER;
    if (!began && bath->lone.id != 0 && bath->stay == EMPTY && reading->at - bath->lone.at < NO_PHANTOM)
        return; /* the end of what may be a phantom */
    bath->moved = *reading;
    bath->elsewhere = 0;
    bath_lower(bath, host, STILL);
    if (!began)
        return;
    if (bath->leaving != 0) {
        if (reading->at - bath->leaving >= AIRED_AFTER) {
            bath->leaving = 0;
            bath->stay = behind_door ? SURE : OPEN;
        }
    } else if (bath->stay == EMPTY &&
               (behind_door || (bath->has_elsewhere && (!bath->has_door || bath_door_is(bath, SENSING_ON))))) {
        came_in(bath, reading, behind_door);
    } else if (behind_door) {
        bath->stay = SURE;
    }
}

/* Without a door: is this movement elsewhere her way out? */
static int is_way_out(const struct bath *bath, const struct gw_host *host, const struct gw_reading *reading, int late)
{
    const int moves = sensing_active(&bath->sensing, MOTION) > 0 || reading->at - bath->moved.at <= WAY;
    return (late && moves) || bath->elsewhere > 1 || bath->sensing.contact[reading->sensor] ||
           strcmp(host->sensor_kind(host, reading->sensor), "bed") == 0;
}

void bath_moved_elsewhere(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading)
{
    const int late = reading->at - bath->began.at >= ELSEWHERE_AFTER;
    bath->known_out = 1;
    if (bath->elsewhere != 0 && !bath->has_door && reading->at - bath->elsewhere_since > SECOND_SIGN)
        bath->elsewhere = 0; /* it was a phantom */
    if (bath->elsewhere++ == 0)
        bath->elsewhere_since = reading->at;
    const int surely = bath->elsewhere >= SURELY_OUT && reading->at - bath->elsewhere_since >= SURELY_OUT_OVER;
    const int open = bath->has_door ? late : is_way_out(bath, host, reading, late);
    if (bath->leaving != 0 || (bath->stay == SURE && surely) || (bath->stay == OPEN && open) ||
        (bath->stay == CLOSED && late))
        bath_end(bath, host);
}

void bath_home(struct bath *bath, const struct gw_host *host, const struct gw_reading *reading)
{
    if (reading->type != GW_MODE || (reading->flags & GW_TEST) != 0)
        return;
    const int muted = sensing_mode_mutes(reading->value);
    if (muted)
        bath_end(bath, host);
    if (!muted && bath->muted) {
        bath->muted = 0;
        bath->home_since = reading->at;
        bath->held = 0;
        if (!bath->has_motion && bath_door_is(bath, SENSING_OFF) && bath->closed.id != 0 && !bath->found_closed)
            bath_begin(bath, CLOSED, &bath->closed);
    }
    bath->muted = muted;
}
