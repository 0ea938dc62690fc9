/* priorities.h - who is served first on the daemon's loop; sd-event serves the smallest number first, equals by turns.
 * Nothing below is starved by what stands above: signals and timers are rare, and a worker that floods falls back to
 * PRIORITY_BULK, where all take turns. */
#ifndef DAEMON_PRIORITIES_H
#define DAEMON_PRIORITIES_H

#define PRIORITY_SIGNAL   (-100)
#define PRIORITY_TIMER    (-50) /* the core's deadlines */
#define PRIORITY_SOURCE   (-20) /* readings in, acknowledgements in: the way of an alarm */
#define PRIORITY_STORE    (-10)
#define PRIORITY_DETECTOR (-5)
#define PRIORITY_CHILD    (-30) /* before frames: a restart is not to wait */
#define PRIORITY_BULK     0     /* also sd-event's default */
#define PRIORITY_CONTROL  10
#define PRIORITY_LOG      20

#endif
