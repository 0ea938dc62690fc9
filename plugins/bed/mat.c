/* The mat, several in one bed as one: its level, and how often it breaks contact. */
#include "bed.h"

#define CHATTER_A_DAY 20u            /* short breaks that make a mat unreliable */
#define CHATTER_FROM  (12 * GW_HOUR) /* of the log's day, which is UTC's: no night from Lisbon to Tokyo */
#define NIGHT_IN_BED  (4 * GW_HOUR)  /* a day with less says nothing about a mat */

int bed_mat_lost(const struct bed *bed)
{
    return sensing_lost(&bed->sensing, BED) > 0 && sensing_active(&bed->sensing, BED) == 0;
}

int bed_mat_doubted(const struct bed *bed)
{
    return bed->mat_bad && bed->has_motion && sensing_lost(&bed->sensing, MOTION) == 0;
}

void bed_judge_mat(struct bed *bed, const struct gw_host *host, gw_time now)
{
    /* Days are the log's, so that a detector that was started again counts the same ones. */
    if ((now - CHATTER_FROM) / GW_DAY == (bed->chatter_since - CHATTER_FROM) / GW_DAY)
        return;
    if (bed->chatter < CHATTER_A_DAY && bed->lain >= NIGHT_IN_BED) {
        bed->mat_bad = 0;
        bed_lower(bed, host, MAT);
    }
    bed->chatter = 0;
    bed->lain = 0;
    bed->chatter_since = now;
}

static void note_chatter(struct bed *bed, const struct gw_host *host, const struct gw_reading *reading)
{
    if (++bed->chatter != CHATTER_A_DAY)
        return;
    bed->mat_bad = 1;
    bed_say_mat(bed, host, reading->at);
}

void bed_mat_told(struct bed *bed, const struct gw_host *host, const struct gw_reading *reading)
{
    const enum sensing_level before = bed->mat;
    if (reading->type != GW_VALUE || (reading->flags & GW_TEST) != 0 || bed_mat_lost(bed))
        return;
    bed->mat = sensing_active(&bed->sensing, BED) > 0 ? SENSING_ON : SENSING_OFF;
    if (before == bed->mat)
        return;
    if (bed->mat == SENSING_OFF) {
        if (bed->place == OUT)
            bed->on_sum += reading->at - bed->on.at;
        bed->off = *reading;
    } else {
        const int was_off = bed->off.id != 0;
        if (was_off && bed->place == IN_BED && (reading->flags & (GW_INITIAL | GW_RETAINED)) == 0)
            note_chatter(bed, host, reading);
        if (was_off && reading->at - bed->off.at >= bed->settle)
            bed->on_sum = 0;
        bed->on = *reading;
    }
}
