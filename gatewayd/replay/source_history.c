/* source_history.c - the readings that a running gateway has kept, asked for as `gatewayctl history` does. They go into
 * an unnamed file first: a gateway lets go of a client that does not keep up. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/text.h"
#include "source.h"

#define ANSWER_MS 15000 /* of a page; a stalled card takes its time */
#define NO_SLOT   (SENSORS_MAX + 1)

struct record {
    int64_t wall_minus_log;
    struct reading reading;
};

struct history {
    FILE *file; /* of struct record */
    const struct settings *settings;
    uint16_t slot_of[SENSORS_MAX]; /* the gateway's slot to ours; NO_SLOT: not in this configuration */
    char names[SENSORS_MAX][NAME_SIZE];
    uint64_t left_out[SENSORS_MAX];
    struct record pending; /* read, but of the next chunk */
    bool has_pending;
};

static int connect_to(const char *path, char *error, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = strlen(path) < sizeof address.sun_path ? socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0) : -1;
    if (fd < 0) {
        snprintf(error, size, "no socket for %s: its path is too long, or there are no more sockets", path);
        return -1;
    }
    text_copy(address.sun_path, sizeof address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (errno == EACCES || errno == EPERM)
        snprintf(error, size, "you may not use %s: run it with sudo, or become a member of the gateway's control group",
                 path);
    else
        snprintf(error, size,
                 "the gateway is not running (nobody answers at %s), and only it reads its history\n"
                 "start it with 'systemctl start gatewayd', or replay a recording with --trace",
                 path);
    close(fd);
    return -1;
}

static void take_sensor(struct history *h, const struct frame_ctl_sensor *sensor)
{
    if (sensor->slot >= SENSORS_MAX)
        return;
    text_copy(h->names[sensor->slot], NAME_SIZE, sensor->name);
    for (uint32_t i = 0; i < h->settings->n_sensors; i++)
        if (strcmp(h->settings->sensors[i].name, sensor->name) == 0)
            h->slot_of[sensor->slot] = (uint16_t)i;
}

static bool keep(struct history *h, const struct frame_history *page)
{
    for (uint32_t i = 0; i < page->n; i++) {
        struct record record = {page->wall_minus_log, page->reading[i]};
        uint16_t slot = record.reading.sensor;
        if (slot != SENSOR_HOME) {
            if (slot >= SENSORS_MAX || h->slot_of[slot] == NO_SLOT) {
                h->left_out[slot < SENSORS_MAX ? slot : 0]++;
                continue;
            }
            record.reading.sensor = h->slot_of[slot];
        }
        if (fwrite(&record, sizeof record, 1, h->file) != 1)
            return false;
    }
    return true;
}

static bool fetch(struct history *h, int fd, int64_t since_ms, struct frame *frame, char *error, size_t size)
{
    const char *why = "";
    frame_init(frame, FRAME_CTL_REQUEST);
    frame->ctl_request.verb = CTL_HISTORY;
    frame->ctl_request.since_ms = since_ms;
    channel_send(fd, frame); /* if the gateway sends us away, why is read next */
    for (;;) {
        switch (channel_receive_wait(fd, frame, ANSWER_MS, &why)) {
        case CHANNEL_OK:
            break;
        case CHANNEL_EMPTY:
            snprintf(error, size, "the gateway does not answer; see 'journalctl -u gatewayd -n 50'");
            return false;
        default:
            snprintf(error, size, "the gateway has ended the connection; see 'journalctl -u gatewayd -n 50'");
            return false;
        }
        if (frame->header.type == FRAME_CTL_SENSOR)
            take_sensor(h, &frame->ctl_sensor);
        if (frame->header.type == FRAME_HISTORY && !keep(h, &frame->history)) {
            snprintf(error, size, "the history could not be kept: is the folder for temporary files full?");
            return false;
        }
        if (frame->header.type != FRAME_CTL_END)
            continue;
        if (!frame->ctl_end.ok)
            snprintf(error, size, "%s", frame->ctl_end.text[0] ? frame->ctl_end.text : "the gateway refused");
        return frame->ctl_end.ok;
    }
}

static bool next_record(struct history *h, struct record *record)
{
    if (h->has_pending) {
        *record = h->pending;
        h->has_pending = false;
        return true;
    }
    return fread(record, sizeof *record, 1, h->file) == 1;
}

static enum source_result read_chunk(void *context, struct chunk *chunk)
{
    struct history *h = context;
    struct record record;
    chunk->n = 0;
    while (chunk->n < CHUNK_READINGS && next_record(h, &record)) {
        if (chunk->n > 0 && record.wall_minus_log != chunk->wall_minus_log) {
            h->pending = record;
            h->has_pending = true;
            break;
        }
        chunk->wall_minus_log = record.wall_minus_log;
        chunk->reading[chunk->n++] = record.reading;
    }
    return chunk->n > 0 ? SOURCE_CHUNK : SOURCE_END;
}

static void tell(const void *context, FILE *err)
{
    const struct history *h = context;
    for (unsigned i = 0; i < SENSORS_MAX; i++)
        if (h->left_out[i])
            fprintf(err, "history: \"%s\" is no sensor of this configuration: %" PRIu64 " readings left out\n",
                    h->names[i][0] ? h->names[i] : "?", h->left_out[i]);
}

static void close_source(void *context)
{
    struct history *h = context;
    if (h->file)
        fclose(h->file);
    free(h);
}

static struct history *create(const struct settings *settings)
{
    struct history *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->settings = settings;
    for (unsigned i = 0; i < SENSORS_MAX; i++)
        h->slot_of[i] = NO_SLOT;
    h->file = tmpfile();
    if (h->file)
        return h;
    free(h);
    return NULL;
}

bool source_history(struct source *source, const struct settings *settings, const char *socket, int64_t since_ms,
                    char *error, size_t size)
{
    int fd = connect_to(socket, error, size);
    if (fd < 0)
        return false;
    struct history *h = create(settings);
    struct frame *frame = calloc(1, sizeof *frame);
    bool good = h && frame;
    if (!good)
        snprintf(error, size, "no memory, or no folder for temporary files, for the history");
    good = good && fetch(h, fd, since_ms, frame, error, size);
    free(frame);
    close(fd);
    if (!good) {
        if (h)
            close_source(h);
        return false;
    }
    rewind(h->file);
    *source =
        (struct source){.context = h, .read = read_chunk, .tell = tell, .close = close_source, .modes_logged = true};
    return true;
}
