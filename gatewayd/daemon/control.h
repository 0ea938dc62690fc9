/* control.h - the socket that gatewayctl connects to. A client is a stranger with permission: what it sends is checked,
 * and if it does not read its answers it is dropped, never waited for. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <systemd/sd-event.h>

#include "base/frame.h"

struct control;

struct control_sink {
    void *context;
    /* A correct FRAME_CTL_REQUEST of client 0 .. CLIENTS_MAX - 1; valid during the call. */
    void (*request)(void *context, unsigned client, const struct frame *frame);
    /* It has gone, or was sent away for what it did. Not told of clients that control_reply gave up. */
    void (*gone)(void *context, unsigned client);
};

/* Listens on `path` (mode 0660; a socket left over is replaced). Members of `group` may connect, root and the daemon's
 * own user always; "" for no group. `scratch` as in workers_create; all borrowed. NULL with the reason in `error`. */
struct control *control_create(sd_event *event, const char *path, const char *group, struct frame *scratch,
                               const struct control_sink *sink, char *error, size_t error_size);
void control_destroy(struct control *control); /* NULL is legal */

/* After a reload. Clients that are connected stay. */
void control_set_group(struct control *control, const char *group);
/* False: the client has gone or does not read; it is closed from the loop and `gone` is not called for it. Legal inside
 * the sink's calls. */
bool control_reply(struct control *control, unsigned client, const struct frame *frame);
/* Names a connection: client numbers are used again, serials are not. 0: nobody is connected under this number. */
uint64_t control_serial(const struct control *control, unsigned client);
/* The answer that ends a request, if the connection still is the one named by the serial. */
void control_end(struct control *control, unsigned client, uint64_t serial, bool ok, const char *text);

#endif
