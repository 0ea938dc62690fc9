/* channel.h - a worker's end of the socket pair to the core (fd 3), and the daemon's ends of all of them. */
#ifndef BASE_CHANNEL_H
#define BASE_CHANNEL_H

#include <stddef.h>

#include "frame.h"

#define CHANNEL_FD 3 /* of every worker */

enum channel_result {
    CHANNEL_OK = 1,
    CHANNEL_EMPTY = 0,   /* nothing there now (receive), or no room now (send, EAGAIN) */
    CHANNEL_CLOSED = -1, /* the other side has gone: a worker ends */
    CHANNEL_BAD = -2     /* truncated, or frame_check refused it: reason in *why */
};

/* A SOCK_SEQPACKET pair, both ends close-on-exec and non-blocking, send buffers of 512 KiB asked for. 0 or -1 with
 * errno. */
int channel_pair(int ends[2]);

/* Non-blocking whatever the fd's mode. MSG_TRUNC is refused. */
enum channel_result channel_receive(int fd, struct frame *frame, const char **why);
/* Non-blocking; a frame goes whole or not at all. */
enum channel_result channel_send(int fd, const struct frame *frame);

/* For workers: send, waiting until the core takes it (a worker may wait for the core, never the other way round).
 * Ends the process with status 0 when the core has gone. */
void channel_send_wait(int fd, const struct frame *frame);
/* For workers: receive one frame, waiting for it up to timeout_ms (-1: for ever). CHANNEL_EMPTY on timeout. */
enum channel_result channel_receive_wait(int fd, struct frame *frame, int timeout_ms, const char **why);

/* For workers: common first step of main(): fd 3 is there and a socket, SIGPIPE ignored, PDEATHSIG set and getppid()
 * rechecked, HELLO sent. Ends the process with a message and status 2 when not started by gatewayd. */
void channel_worker_start(const char *role);
/* For workers: say FAILED with the text (printf-like) and end the process with status 78 (EX_CONFIG). */
__attribute__((noreturn, format(printf, 1, 2))) void channel_worker_fail(const char *format, ...);
/* For workers: what may be better next time (no memory): log the text and end with status 71 (EX_OSERR); started again.
 */
__attribute__((noreturn)) void channel_worker_quit(const char *text);
/* For workers: malloc that ends the process as channel_worker_quit does when there is no memory. For libraries that
 * would go on with a part of a message: what was not confirmed comes again to the next process. Owned by the caller. */
void *channel_worker_memory(size_t size);
/* For workers: tell onset (active 1) or recovery (0) of trouble; alert 1: a technical alert is due. */
void channel_trouble(const char *subject, const char *kind, bool active, bool alert, const char *text_en,
                     const char *text_zh);

#endif
