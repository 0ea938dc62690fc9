/* notify.h - what systemd is told: readiness, reloads, a line of status, the watchdog. Our own instead of sd_notify()
 * and sd_event_set_watchdog(), which wait when the receiver does not read: the loop must not hang with a busy system
 * manager. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <systemd/sd-event.h>

struct notify;

/* Sends to $NOTIFY_SOCKET and keeps the watchdog of the unit fed as long as the loop runs; does nothing without them.
 * NULL with errno. */
struct notify *notify_create(sd_event *event);
void notify_destroy(struct notify *notify); /* NULL is legal */

/* Lines as sd_notify(3) has them, 511 bytes at most. If the receiver takes nothing now it is said later, unless another
 * state was told meanwhile: only the last one counts. printf-like. */
__attribute__((format(printf, 2, 3))) void notify_state(struct notify *notify, const char *format, ...);

#endif
