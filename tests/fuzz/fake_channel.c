#include "fake_channel.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define PAUSE          0xf0
#define FIRST_PAUSE_MS 60000
#define WAITS          100
#define IDLES          10000 /* a worker that waits so often without a step waits for nothing */

/* A link-time fake has nowhere else to keep its state. */
struct fake fake;
static char folder[64];

void fake_begin(struct input in, void (*adjust)(struct frame *frame), void (*idle)(struct input *in))
{
    memset(fake.sent, 0, sizeof fake.sent);
    fake.in = in;
    fake.now = 1000000;
    fake.adjust = adjust;
    fake.idle = idle;
    fake.on_sent = NULL;
    fake.exits = false;
    fake.waited = fake.idles = fake.prologue = fake.n_first = 0;
}

void fake_first(const struct frame *frame)
{
    ALWAYS(fake.n_first < FAKE_FIRST);
    struct frame *copy = frame ? malloc(frame->header.length) : NULL;
    ALWAYS(copy || !frame);
    if (frame)
        memcpy(copy, frame, frame->header.length);
    fake.first[fake.n_first++] = copy;
}

void fake_end(void)
{
    for (unsigned i = 0; i < fake.n_first; i++)
        free(fake.first[i]);
    fake.n_first = 0;
}

/* ---- the channel ---- */

static enum channel_result next(struct frame *frame, const char **why)
{
    fake.idles = 0;
    if (fake.prologue < fake.n_first) {
        const struct frame *first = fake.first[fake.prologue++];
        if (!first) {
            fake.now += FIRST_PAUSE_MS;
            if (!fake.sent[FRAME_READY] && fake.waited++ < WAITS)
                fake.prologue--;
            return CHANNEL_EMPTY;
        }
        memcpy(frame, first, first->header.length);
        return CHANNEL_OK;
    }
    if (!input_left(&fake.in))
        return CHANNEL_CLOSED;
    if (input_byte(&fake.in) >= PAUSE) {
        fake.now += (int64_t)input_number(&fake.in, 2) * 10;
        return CHANNEL_EMPTY;
    }
    size_t length = input_frame(&fake.in, frame);
    if (fake.adjust)
        fake.adjust(frame);
    return frame_check(frame, length, why) ? CHANNEL_OK : CHANNEL_BAD;
}

enum channel_result channel_receive(int fd, struct frame *frame, const char **why)
{
    (void)fd;
    enum channel_result result = next(frame, why);
    while (result == CHANNEL_OK && frame->header.type == FRAME_PING)
        result = next(frame, why);
    return result;
}

enum channel_result channel_receive_wait(int fd, struct frame *frame, int timeout_ms, const char **why)
{
    enum channel_result result = CHANNEL_EMPTY;
    while (result == CHANNEL_EMPTY)
        result = channel_receive(fd, frame, why);
    (void)timeout_ms;
    return result;
}

enum channel_result channel_send(int fd, const struct frame *frame)
{
    (void)fd;
    ALWAYS(frame_is_good(frame));
    fake.sent[frame->header.type]++;
    if (fake.on_sent)
        fake.on_sent(frame);
    return CHANNEL_OK;
}

void channel_send_wait(int fd, const struct frame *frame)
{
    (void)channel_send(fd, frame);
}

void channel_worker_start(const char *role)
{
    (void)role;
}

void channel_worker_fail(const char *format, ...)
{
    (void)format;
    if (fake.exits)
        exit(EX_CONFIG);
    longjmp(fake.end, 1);
}

void channel_worker_quit(const char *text)
{
    (void)text;
    if (fake.exits)
        exit(EX_OSERR);
    longjmp(fake.end, 1);
}

/* As the real one: what a library says may be in any encoding. */
static void clean_copy(char *dst, size_t size, const char *src)
{
    text_copy(dst, size, src);
    for (char *c = dst; *c && !text_valid(dst, size); c++)
        *c = (unsigned char)*c >= 0x7f || (unsigned char)*c < ' ' ? '?' : *c;
}

void channel_trouble(const char *subject, const char *kind, bool active, bool alert, const char *text_en,
                     const char *text_zh)
{
    frame_init(&fake.room, FRAME_TROUBLE);
    clean_copy(fake.room.trouble.subject, sizeof fake.room.trouble.subject, subject);
    clean_copy(fake.room.trouble.kind, sizeof fake.room.trouble.kind, kind);
    fake.room.trouble.active = active;
    fake.room.trouble.alert = alert;
    clean_copy(fake.room.trouble.text_en, sizeof fake.room.trouble.text_en, text_en);
    clean_copy(fake.room.trouble.text_zh, sizeof fake.room.trouble.text_zh, text_zh);
    channel_send_wait(CHANNEL_FD, &fake.room);
}

/* In place of the linker's poll: everything that is waited for has happened. */
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    (void)timeout_ms;
    ALWAYS(++fake.idles < IDLES);
    if (fake.idle && fake.prologue == fake.n_first)
        fake.idle(&fake.in);
    for (nfds_t i = 0; i < n; i++)
        fds[i].revents = fds[i].fd >= 0 ? fds[i].events : 0;
    return (int)n;
}

/* ---- the clock ---- */

int64_t clock_boottime_ms(void)
{
    return fake.now;
}

int64_t clock_boottime_us(void)
{
    return fake.now * 1000;
}

int64_t clock_wall_ms(void)
{
    return INT64_C(1780000000000) + fake.now;
}

int64_t clock_monotonic_ns_to_boottime_ms(int64_t monotonic_ns)
{
    return monotonic_ns / 1000000;
}

bool clock_is_synced(void)
{
    return true;
}

int clock_boot_id(char out[37])
{
    (void)snprintf(out, 37, "11111111-2222-3333-4444-555555555555");
    return 0;
}

/* ---- the folder ---- */

static void folder_remove(void)
{
    fake_folder_clear();
    (void)rmdir(folder);
}

const char *fake_folder(void)
{
    if (!folder[0]) {
        (void)snprintf(folder, sizeof folder, "/dev/shm/gw-fuzz-XXXXXX");
        if (!mkdtemp(folder)) {
            (void)snprintf(folder, sizeof folder, "/tmp/gw-fuzz-XXXXXX");
            ALWAYS(mkdtemp(folder));
        }
        (void)atexit(folder_remove);
    }
    return folder;
}

void fake_folder_clear(void)
{
    DIR *dir = opendir(fake_folder());
    ALWAYS(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        if (entry->d_name[0] != '.')
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    (void)closedir(dir);
}
