#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "text.h"

#define SEND_BUFFER (512 * 1024)

int channel_pair(int ends[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return -1;
    const int size =
        SEND_BUFFER; /* cut by net.core.wmem_max without CAP_NET_ADMIN: then there is less room, no error */
    for (int i = 0; i < 2; i++)
        (void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    return 0;
}

static enum channel_result receive_one(int fd, struct frame *frame, const char **why)
{
    struct iovec part = {frame, sizeof(*frame)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t got = 0;
    /* ECONNRESET comes once, before what is still queued: the other side ended with frames of ours unread. Its last
     * words (FAILED with the reason, readings) are behind it. */
    do {
        got = recvmsg(fd, &message, MSG_DONTWAIT);
    } while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? CHANNEL_EMPTY : CHANNEL_CLOSED;
    if (got == 0)
        return CHANNEL_CLOSED;
    if ((message.msg_flags & MSG_TRUNC) != 0) {
        *why = "longer than any frame";
        return CHANNEL_BAD;
    }
    return frame_check(frame, (size_t)got, why) ? CHANNEL_OK : CHANNEL_BAD;
}

enum channel_result channel_receive(int fd, struct frame *frame, const char **why)
{
    enum channel_result result = receive_one(fd, frame, why);
    while (result == CHANNEL_OK && frame->header.type == FRAME_PING) {
        (void)channel_send(fd, frame_init(frame, FRAME_PONG)); /* no room: the core hears from us anyway */
        result = receive_one(fd, frame, why);
    }
    return result;
}

enum channel_result channel_send(int fd, const struct frame *frame)
{
    ssize_t sent = 0;
    do {
        sent = send(fd, frame, frame->header.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0)
        return CHANNEL_OK;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? CHANNEL_EMPTY : CHANNEL_CLOSED;
}

void channel_send_wait(int fd, const struct frame *frame)
{
    for (;;) {
        enum channel_result result = channel_send(fd, frame);
        if (result == CHANNEL_OK)
            return;
        if (result != CHANNEL_EMPTY)
            exit(EXIT_SUCCESS);
        struct pollfd writable = {fd, POLLOUT, 0};
        (void)poll(&writable, 1, -1);
    }
}

enum channel_result channel_receive_wait(int fd, struct frame *frame, int timeout_ms, const char **why)
{
    int64_t deadline = clock_boottime_ms() + timeout_ms;
    for (;;) {
        enum channel_result result = channel_receive(fd, frame, why);
        if (result != CHANNEL_EMPTY)
            return result;
        int64_t left = timeout_ms < 0 ? -1 : deadline - clock_boottime_ms();
        if (timeout_ms >= 0 && left <= 0)
            return CHANNEL_EMPTY;
        struct pollfd readable = {fd, POLLIN, 0};
        (void)poll(&readable, 1, (int)left);
    }
}

static bool channel_is_ours(void)
{
    int type = 0;
    socklen_t size = sizeof(type);
    return getsockopt(CHANNEL_FD, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* The socket pair names the process that made it: if that is not our parent (any more), the core has gone before
 * PDEATHSIG was set. */
static bool parent_is_there(void)
{
    struct ucred core = {0, 0, 0};
    socklen_t size = sizeof(core);
    return getsockopt(CHANNEL_FD, SOL_SOCKET, SO_PEERCRED, &core, &size) == 0 && core.pid == getppid();
}

void channel_worker_start(const char *role)
{
    if (!channel_is_ours()) {
        (void)fprintf(stderr, "gatewayd-%s is a part of gatewayd, which starts it; it can't be used by hand\n", role);
        exit(2);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || !parent_is_there())
        exit(EXIT_SUCCESS);
    struct frame frame;
    frame_init(&frame, FRAME_HELLO);
    frame.hello.version = FRAME_VERSION;
    frame.hello.pid = (uint32_t)getpid();
    text_copy(frame.hello.role, sizeof(frame.hello.role), role);
    channel_send_wait(CHANNEL_FD, &frame);
}

/* What a library says may be in any encoding: a frame holds valid text only. */
static void clean_copy(char *dst, size_t size, const char *src)
{
    text_copy(dst, size, src);
    text_clean(dst);
}

void channel_worker_fail(const char *format, ...)
{
    struct frame frame;
    frame_init(&frame, FRAME_FAILED);
    char text[2 * TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    clean_copy(frame.text.text, sizeof(frame.text.text), text);
    channel_send_wait(CHANNEL_FD, &frame);
    exit(EX_CONFIG);
}

void channel_worker_quit(const char *text)
{
    log_error("%s", text);
    exit(EX_OSERR);
}

void *channel_worker_memory(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (!memory)
        channel_worker_quit("out of memory");
    return memory;
}

void channel_trouble(const char *subject, const char *kind, bool active, bool alert, const char *text_en,
                     const char *text_zh)
{
    struct frame frame;
    frame_init(&frame, FRAME_TROUBLE);
    clean_copy(frame.trouble.subject, sizeof(frame.trouble.subject), subject);
    clean_copy(frame.trouble.kind, sizeof(frame.trouble.kind), kind);
    frame.trouble.active = active;
    frame.trouble.alert = alert;
    clean_copy(frame.trouble.text_en, sizeof(frame.trouble.text_en), text_en);
    clean_copy(frame.trouble.text_zh, sizeof(frame.trouble.text_zh), text_zh);
    channel_send_wait(CHANNEL_FD, &frame);
}
