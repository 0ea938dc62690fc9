/* outbox.h - readings on their way to the core: first into a ring file, from there into READINGS frames. The ring is
 * the queue, so what a predecessor of this process left in it is sent first, marked as a replay. */
#ifndef GPIO_OUTBOX_H
#define GPIO_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/channel.h"
#include "base/frame.h"

#define OUTBOX_STATE_RING  4096 /* readings kept, levels */
#define OUTBOX_URGENT_RING 1024 /* readings kept of urgent sensors */

struct outbox;

/* Opens gpio-state.ring and gpio-urgent.ring in the folder. NULL with errno. */
struct outbox *outbox_create(const char *folder);
void outbox_destroy(struct outbox *outbox); /* NULL is legal */

/* Urgent: false when the ring is full of unconfirmed readings; the caller keeps the reading in the kernel's buffer and
 * tries again. Else always true: the oldest reading gives way, and is counted if it had not been sent yet. */
bool outbox_put(struct outbox *outbox, bool urgent, struct reading *reading);
/* Is there room for n readings more without dropping or refusing any? */
bool outbox_room(const struct outbox *outbox, bool urgent, unsigned n);
/* Send what was not sent yet. CHANNEL_EMPTY: the core takes no more now, try again when the channel is writable. */
/* Which sensor a slot is from now on; outbox_bind_none forgets all of them. */
void outbox_bind_none(struct outbox *outbox);
void outbox_bind(struct outbox *outbox, uint16_t slot, const char *sensor);
enum channel_result outbox_send(struct outbox *outbox, int fd);
void outbox_confirm(struct outbox *outbox, const struct frame_confirm *confirm);
/* Readings dropped unsent since the last call. */
uint32_t outbox_dropped(struct outbox *outbox);

#endif
