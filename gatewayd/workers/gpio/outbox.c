#include "outbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/ring.h"

enum { STATE, URGENT, LANES };

struct lane {
    struct ring *ring;
    uint64_t sent;   /* origin of the last reading sent; 0: none by this process */
    uint64_t replay; /* origin of the last reading that was there when this process began; 0: none */
};

struct outbox {
    struct lane lane[LANES];
    uint32_t dropped;
    struct frame frame;
};

static bool lane_open(struct lane *lane, const char *folder, const char *name, size_t capacity)
{
    char path[2 * TEXT_SIZE];
    struct reading reading;
    bool lost = false;
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    lane->ring = ring_open(path, capacity, &lost);
    if (!lane->ring)
        return false;
    if (lost)
        log_warning("%s was damaged or of another version: readings in it may be lost", path);
    while (ring_next(lane->ring, lane->replay, &reading))
        lane->replay = reading.origin;
    return true;
}

struct outbox *outbox_create(const char *folder)
{
    struct outbox *outbox = calloc(1, sizeof(*outbox));
    if (!outbox)
        return NULL;
    if (lane_open(&outbox->lane[STATE], folder, "gpio-state.ring", OUTBOX_STATE_RING) &&
        lane_open(&outbox->lane[URGENT], folder, "gpio-urgent.ring", OUTBOX_URGENT_RING))
        return outbox;
    int error = errno;
    outbox_destroy(outbox);
    errno = error;
    return NULL;
}

void outbox_destroy(struct outbox *outbox)
{
    if (!outbox)
        return;
    for (int i = 0; i < LANES; i++)
        ring_close(outbox->lane[i].ring);
    free(outbox);
}

void outbox_bind_none(struct outbox *outbox)
{
    for (int i = 0; i < LANES; i++)
        ring_bind_none(outbox->lane[i].ring);
}

void outbox_bind(struct outbox *outbox, uint16_t slot, const char *sensor)
{
    for (int i = 0; i < LANES; i++)
        ring_bind(outbox->lane[i].ring, slot, sensor);
}

bool outbox_put(struct outbox *outbox, bool urgent, struct reading *reading)
{
    struct lane *lane = &outbox->lane[urgent ? URGENT : STATE];
    struct reading oldest;
    if (ring_put(lane->ring, reading))
        return true;
    if (urgent)
        return false;
    if (ring_next(lane->ring, 0, &oldest) && oldest.origin > lane->sent)
        outbox->dropped++;
    ring_drop_oldest(lane->ring);
    return ring_put(lane->ring, reading);
}

bool outbox_room(const struct outbox *outbox, bool urgent, unsigned n)
{
    return ring_free(outbox->lane[urgent ? URGENT : STATE].ring) >= n;
}

/* One frame: as many readings as there are and fit. CHANNEL_EMPTY with *more false: nothing was left. */
static enum channel_result send_frame(struct outbox *outbox, struct lane *lane, uint32_t flags, int fd, bool *more)
{
    struct frame *frame = frame_init(&outbox->frame, FRAME_READINGS);
    uint64_t last = lane->sent;
    uint32_t n = 0;
    bool replay = last < lane->replay;
    while (n < READINGS_PER_FRAME && !(replay && last >= lane->replay) &&
           ring_next(lane->ring, last, &frame->readings.reading[n]))
        last = frame->readings.reading[n++].origin;
    *more = n > 0;
    if (n == 0)
        return CHANNEL_EMPTY;
    frame->readings.flags = flags | (replay ? READINGS_REPLAY : 0);
    frame_set_n(frame, n);
    enum channel_result result = channel_send(fd, frame);
    if (result == CHANNEL_OK)
        lane->sent = last;
    return result;
}

enum channel_result outbox_send(struct outbox *outbox, int fd)
{
    static const uint32_t flags[LANES] = {[URGENT] = READINGS_URGENT};
    for (int i = LANES - 1; i >= 0; i--) { /* the urgent ones first */
        bool more = true;
        while (more) {
            enum channel_result result = send_frame(outbox, &outbox->lane[i], flags[i], fd, &more);
            if (more && result != CHANNEL_OK)
                return result;
        }
    }
    return CHANNEL_OK;
}

void outbox_confirm(struct outbox *outbox, const struct frame_confirm *confirm)
{
    struct lane *lane = &outbox->lane[confirm->urgent ? URGENT : STATE];
    if (confirm->handled <= lane->sent) /* what was never sent cannot have been handled */
        ring_forget(lane->ring, confirm->handled);
}

uint32_t outbox_dropped(struct outbox *outbox)
{
    uint32_t dropped = outbox->dropped;
    outbox->dropped = 0;
    return dropped;
}
