#include "daemon/control.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/priorities.h"
#include "daemon/sendqueue.h"

#define QUEUE_BYTES       ((size_t)1024 * 1024)
#define REQUESTS_PER_WAKE 4
#define GROUPS_MAX        1024 /* supplementary groups of a client that are looked at */

struct client {
    struct control *control;
    unsigned number;
    uint64_t serial; /* 0: free */
    int fd;
    bool dropped; /* to be closed from the loop, without telling */
    struct sendqueue *queue;
    sd_event_source *io;
};

struct control {
    sd_event *event;
    struct control_sink sink;
    struct frame *scratch;
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    int fd;
    gid_t group; /* (gid_t)-1: none */
    uint64_t serials;
    sd_event_source *listener, *later;
    struct client client[CLIENTS_MAX];
};

static gid_t group_id(const char *name)
{
    if (!name[0])
        return (gid_t)-1;
    const struct group *group = getgrnam(name);
    if (!group)
        log_warning("control socket: there is no group %s; only root and the gateway's own user may use gatewayctl",
                    name);
    return group ? group->gr_gid : (gid_t)-1;
}

static void close_client(struct client *client)
{
    client->io = sd_event_source_disable_unref(client->io);
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
    sendqueue_destroy(client->queue);
    client->queue = NULL;
    client->serial = 0;
    client->dropped = false;
}

/* Not from inside a control_reply. */
static void send_away(struct client *client)
{
    bool tell = !client->dropped;
    close_client(client);
    if (tell)
        client->control->sink.gone(client->control->sink.context, client->number);
}

/* ---- who may ---- */

static bool in_group(int fd, const struct ucred *peer, gid_t group)
{
    if (group == (gid_t)-1)
        return false;
    if (peer->gid == group)
        return true;
    gid_t groups[GROUPS_MAX];
    socklen_t size = sizeof groups;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
        return false;
    for (size_t i = 0; i < size / sizeof groups[0]; i++)
        if (groups[i] == group)
            return true;
    return false;
}

static bool permitted(const struct control *control, int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return false;
    return peer.uid == 0 || peer.uid == geteuid() || in_group(fd, &peer, control->group);
}

/* ---- clients ---- */

static int on_client(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct client *client = context;
    struct control *control = client->control;
    if (events & EPOLLOUT) {
        sendqueue_flush(client->queue, fd);
        if (sendqueue_empty(client->queue))
            sd_event_source_set_io_events(source, EPOLLIN);
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return 0;
    for (unsigned i = 0; i < REQUESTS_PER_WAKE && client->serial && !client->dropped; i++) {
        const char *why = "it said something else than a request";
        enum channel_result result = channel_receive(fd, control->scratch, &why);
        if (result == CHANNEL_EMPTY)
            return 0;
        if (result == CHANNEL_OK && control->scratch->header.type == FRAME_CTL_REQUEST) {
            control->sink.request(control->sink.context, client->number, control->scratch);
            continue;
        }
        if (result != CHANNEL_CLOSED)
            log_notice("control socket: a client was sent away: %s", why);
        send_away(client);
    }
    return 0;
}

static void refuse(struct control *control, int fd, const char *text)
{
    struct frame *frame = frame_init(control->scratch, FRAME_CTL_END);
    text_copy(frame->ctl_end.text, sizeof frame->ctl_end.text, text);
    channel_send(fd, frame);
    close(fd);
}

static bool admit(struct control *control, struct client *client, int fd)
{
    client->queue = sendqueue_create(QUEUE_BYTES);
    client->fd = fd;
    client->dropped = false;
    if (!client->queue || sd_event_add_io(control->event, &client->io, fd, EPOLLIN, on_client, client) < 0 ||
        sd_event_source_set_priority(client->io, PRIORITY_CONTROL) < 0)
        return false;
    client->serial = ++control->serials;
    return true;
}

static int on_listener(sd_event_source *source, int listener, uint32_t events, void *context)
{
    (void)source, (void)events;
    struct control *control = context;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return 0;
    if (!permitted(control, fd)) {
        refuse(control, fd, "you are not permitted to use this gateway: be root or a member of its control group");
        return 0;
    }
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &control->client[i];
        if (client->serial || client->fd >= 0)
            continue;
        if (!admit(control, client, fd))
            close_client(client);
        return 0;
    }
    refuse(control, fd, "too many gatewayctl are connected; end one of them");
    return 0;
}

static int on_later(sd_event_source *source, void *context)
{
    (void)source;
    struct control *control = context;
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        if (control->client[i].dropped)
            close_client(&control->client[i]);
    return 0;
}

bool control_reply(struct control *control, unsigned number, const struct frame *frame)
{
    if (number >= CLIENTS_MAX || !control->client[number].serial || control->client[number].dropped)
        return false;
    struct client *client = &control->client[number];
    bool waited = !sendqueue_empty(client->queue);
    if (!sendqueue_send(client->queue, client->fd, frame)) {
        log_notice("control socket: a client was sent away: it does not read");
        client->dropped = true;
        sd_event_source_set_enabled(client->io, SD_EVENT_OFF);
        sd_event_source_set_enabled(control->later, SD_EVENT_ONESHOT);
        return false;
    }
    if (!waited && !sendqueue_empty(client->queue))
        sd_event_source_set_io_events(client->io, EPOLLIN | EPOLLOUT);
    return true;
}

uint64_t control_serial(const struct control *control, unsigned client)
{
    return client < CLIENTS_MAX ? control->client[client].serial : 0;
}

void control_end(struct control *control, unsigned client, uint64_t serial, bool ok, const char *text)
{
    if (!serial || control_serial(control, client) != serial)
        return;
    struct frame *frame = calloc(1, sizeof *frame);
    if (!frame)
        return;
    frame_init(frame, FRAME_CTL_END);
    frame->ctl_end.ok = ok;
    text_copy(frame->ctl_end.text, sizeof frame->ctl_end.text, text);
    control_reply(control, client, frame);
    free(frame);
}

/* ---- the socket ---- */

static int listen_on(struct control *control, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    text_copy(address.sun_path, sizeof address.sun_path, path);
    text_copy(control->path, sizeof control->path, path);
    control->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control->fd < 0)
        return -1;
    unlink(path); /* ours: the state directory's lock says that no other gateway lives here */
    /* Not reachable before its group is set: bind makes it with the file mode of the descriptor. */
    if (fchmod(control->fd, 0600) < 0 || bind(control->fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    return listen(control->fd, CLIENTS_MAX);
}

void control_set_group(struct control *control, const char *group)
{
    control->group = group_id(group);
    gid_t owner = control->group == (gid_t)-1 ? getegid() : control->group;
    if (lchown(control->path, (uid_t)-1, owner) < 0)
        log_warning("control socket: cannot give %s to group %s: %s; is the gateway's user a member of it?",
                    control->path, group, strerror(errno));
    if (chmod(control->path, 0660) < 0)
        log_warning("control socket: cannot set the mode of %s: %s", control->path, strerror(errno));
}

struct control *control_create(sd_event *event, const char *path, const char *group, struct frame *scratch,
                               const struct control_sink *sink, char *error, size_t error_size)
{
    struct control *control = calloc(1, sizeof *control);
    if (!control) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    control->event = event;
    control->scratch = scratch;
    control->sink = *sink;
    control->fd = -1;
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        control->client[i].control = control;
        control->client[i].number = i;
        control->client[i].fd = -1;
    }
    if (listen_on(control, path) < 0 ||
        sd_event_add_io(event, &control->listener, control->fd, EPOLLIN, on_listener, control) < 0 ||
        sd_event_source_set_priority(control->listener, PRIORITY_CONTROL) < 0 ||
        sd_event_add_defer(event, &control->later, on_later, control) < 0 ||
        sd_event_source_set_enabled(control->later, SD_EVENT_OFF) < 0) {
        snprintf(error, error_size, "cannot listen on %s: %s", path, strerror(errno));
        control_destroy(control);
        return NULL;
    }
    control_set_group(control, group);
    return control;
}

void control_destroy(struct control *control)
{
    if (!control)
        return;
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        close_client(&control->client[i]);
    sd_event_source_disable_unref(control->listener);
    sd_event_source_disable_unref(control->later);
    if (control->fd >= 0) {
        close(control->fd);
        unlink(control->path);
    }
    free(control);
}
