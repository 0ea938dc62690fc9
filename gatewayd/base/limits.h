/* limits.h - sizes that several processes must agree on. What is dropped at a limit is counted and told. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#define NAME_SIZE    48   /* names of sensors, detectors, uplinks, rooms, kinds; NUL included */
#define NOTE_SIZE    160  /* what a person at the platform may write */
#define TEXT_SIZE    256  /* topics, paths, one error message */
#define SETTING_SIZE 1024 /* one setting of a detector as text */

#define SENSORS_MAX   512
#define DETECTORS_MAX 64
#define UPLINKS_MAX   4
#define OUTPUTS_MAX   16
#define BINDINGS_MAX  SENSORS_MAX /* sensors of one detector */
#define ALERTS_MAX    256         /* alerts that are open or not yet delivered everywhere */
#define OUTBOX_MAX    1024        /* revisions waiting for delivery, over all uplinks */
#define CLIENTS_MAX   8           /* gatewayctl connections */

#define READINGS_PER_FRAME 256 /* readings in one frame at most */

/* Messages of the local broker that are known if they come again: as many as the ring of urgent readings holds, so that
 * whatever was read and not yet acknowledged is among them. */
#define SOURCE_KEYS_MAX       2048
#define SOURCE_KEYS_PER_FRAME 128

#define PLUGIN_ROLES_MAX  32 /* what one plugin may declare */
#define PLUGIN_PARAMS_MAX 64
#define PLUGIN_ALERTS_MAX 64

/* Times, offsets between clocks (ms) and ids of readings beyond these are nonsense, and overflow when added up. */
#define TIME_LIMIT (INT64_C(1) << 53) /* 285,000 years */
#define ID_LIMIT   (UINT64_C(1) << 62)

static inline bool time_in_limits(int64_t ms)
{
    return ms >= -TIME_LIMIT && ms <= TIME_LIMIT;
}

#endif
