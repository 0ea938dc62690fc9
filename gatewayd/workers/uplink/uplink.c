#include "uplink.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "open.h"
#include "orders.h"
#include "payload.h"
#include "recover.h"
#include "retained.h"
#include "setup.h"
#include "topic.h"
#include "window.h"
#include "wire.h"

#define RECOVER_MS       INT64_C(5000) /* from the SUBACK: a retained message comes at once or not at all */
#define CLOCK_MS         INT64_C(1000) /* the core tells the clock's quality soon; certificates wait for it so long */
#define REASON_REFUSED   0x80          /* MQTT 5: reason codes from here on are failures */
#define REASON_TOO_LARGE 0x95

enum recovery { RECOVER_NONE, RECOVER_WANTED, RECOVER_ASKED, RECOVER_WAITING };

struct uplink {
    struct frame_uplink_config config;
    struct payload_home home;
    char status_topic[TOPIC_SIZE], open_topic[TOPIC_SIZE], command_topic[TOPIC_SIZE];
    char *will;
    struct wire *wire;
    struct orders *orders;
    struct open_list *open_list;
    struct window window;
    struct retained open, status;
    struct frame_clock clock;
    struct frame_uplink_state said; /* last UPLINK_STATE */
    bool said_anything, commands_refused, publish_refused, clock_known;
    int command_mid, recover_mid;
    enum recovery recovery;
    int64_t recover_deadline;
    int64_t start_at; /* of the first attempt to connect */
    struct frame in, out;
};

/* ---- to the core ---- */

/* The core writes it to the log. A reason that was told already is not told again. */
static void send_state(struct uplink *uplink, enum uplink_link link, bool session_present, const char *text)
{
    struct frame_uplink_state state = {
        .link = link, .session_present = session_present, .cert_expires = wire_cert_expires(uplink->wire)};
    text_copy(state.text, sizeof state.text, text);
    const struct frame_uplink_state *said = &uplink->said;
    if (uplink->said_anything && link == LINK_DOWN && said->link == LINK_DOWN && strcmp(said->text, state.text) == 0 &&
        said->cert_expires == state.cert_expires)
        return;
    uplink->said = state;
    uplink->said_anything = true;
    frame_init(&uplink->out, FRAME_UPLINK_STATE)->uplink_state = state;
    channel_send_wait(CHANNEL_FD, &uplink->out);
}

static void send_delivered(struct uplink *uplink, uint64_t token, int reason)
{
    frame_init(&uplink->out, FRAME_DELIVERED);
    uplink->out.delivered = (struct frame_delivered){
        .token = token, .ok = reason < REASON_REFUSED, .reason = (uint32_t)(reason < 0 ? 0 : reason)};
    channel_send_wait(CHANNEL_FD, &uplink->out);
}

/* Everything unconfirmed goes back to the core, which hands it over again when the link is up. */
static void give_back(struct uplink *uplink)
{
    struct window_entry entry;
    while (window_take_oldest(&uplink->window, &entry))
        send_delivered(uplink, entry.token, REASON_REFUSED);
}

/* The broker's word on one publication. */
static void settle(struct uplink *uplink, uint64_t token, int reason, int64_t now)
{
    bool refused = reason >= REASON_REFUSED;
    if (refused != uplink->publish_refused) {
        char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
        const char *name = uplink->config.name;
        snprintf(en, sizeof en,
                 refused ? "platform %.40s refuses our alerts (reason 0x%02x): allow this home's topics"
                         : "platform %.40s takes our alerts again",
                 name, (unsigned)reason);
        snprintf(zh, sizeof zh,
                 refused ? "平台 %.40s 拒收本户的报警（原因 0x%02x）：请开放本户主题权限" : "平台 %.40s 已恢复接收报警",
                 name, (unsigned)reason);
        uplink->publish_refused = refused;
        channel_trouble(name, "alerts-refused", refused, true, en, zh);
    }
    if (!refused || !window_refused(&uplink->window, token, reason, now))
        send_delivered(uplink, token, reason);
}

/* ---- retained topics ---- */

static void publish_retained(struct uplink *uplink, struct retained *retained, const char *topic)
{
    if (!retained_due(retained))
        return;
    struct wire_publication publication = {.topic = topic, .payload = retained->wanted, .retained = true};
    int mid = 0;
    int reason = wire_publish(uplink->wire, &publication, &mid);
    if (reason == 0)
        retained_sent(retained, mid);
}

/* An emergency never waits behind the list of open alerts, and the list of a lost database is not overwritten before it
 * was read back. */
static void publish_due(struct uplink *uplink)
{
    if (!wire_up(uplink->wire) || window_has_emergency(&uplink->window))
        return;
    publish_retained(uplink, &uplink->status, uplink->status_topic);
    if (uplink->recovery == RECOVER_NONE)
        publish_retained(uplink, &uplink->open, uplink->open_topic);
}

/* ---- reading our own list back ---- */

static void recover_one(void *context, const struct alert *alert)
{
    struct uplink *uplink = context;
    frame_init(&uplink->out, FRAME_ALERT)->alert = *alert;
    channel_send_wait(CHANNEL_FD, &uplink->out);
}

static void recover_end(struct uplink *uplink)
{
    uplink->recovery = RECOVER_NONE;
    uplink->recover_deadline = INT64_MAX;
    wire_unsubscribe(uplink->wire, uplink->open_topic);
    channel_send_wait(CHANNEL_FD, frame_init(&uplink->out, FRAME_OPEN_END));
}

static void recover_begin(struct uplink *uplink)
{
    if (uplink->recovery == RECOVER_NONE)
        return;
    uplink->recovery = RECOVER_ASKED;
    uplink->recover_deadline = INT64_MAX;
    if (wire_subscribe(uplink->wire, uplink->open_topic, true, &uplink->recover_mid) != 0)
        uplink->recovery = RECOVER_WANTED;
}

static void recover_message(struct uplink *uplink, const struct wire_message *message)
{
    if (!message->retained || uplink->recovery == RECOVER_NONE)
        return;
    int n = recover_parse(message->payload ? message->payload : "", message->size, uplink->clock.wall_minus_log,
                          recover_one, uplink);
    if (n < 0)
        log_warning("the retained list of open alerts is damaged: nothing recovered from it");
    else
        log_notice("%d open alerts recovered from the platform's broker", n);
    recover_end(uplink);
}

/* ---- events of the connection ---- */

static void on_up(void *context, bool session_present, const char *text)
{
    struct uplink *uplink = context;
    send_state(uplink, LINK_UP, session_present, text);
    retained_lost(&uplink->status, true); /* the will stands there now */
    retained_lost(&uplink->open, !session_present);
    if (wire_subscribe(uplink->wire, uplink->command_topic, false, &uplink->command_mid) != 0)
        uplink->command_mid = 0;
    recover_begin(uplink);
    publish_due(uplink);
}

static void on_down(void *context, const char *text)
{
    struct uplink *uplink = context;
    /* The link's end first: else the core hands over again what comes back. */
    send_state(uplink, LINK_DOWN, false, text);
    give_back(uplink);
    retained_lost(&uplink->status, true);
    retained_lost(&uplink->open, false);
    if (uplink->recovery != RECOVER_NONE) {
        uplink->recovery = RECOVER_WANTED;
        uplink->recover_deadline = INT64_MAX;
    }
}

static void on_acked(void *context, int mid, int reason)
{
    struct uplink *uplink = context;
    struct window_entry entry;
    int64_t now = clock_boottime_ms();
    if (window_take(&uplink->window, mid, now, &entry))
        settle(uplink, entry.token, reason, now);
    else if (!retained_acked(&uplink->status, mid))
        retained_acked(&uplink->open, mid);
    publish_due(uplink);
}

static void on_subscribed(void *context, int mid, int reason)
{
    struct uplink *uplink = context;
    bool refused = reason >= REASON_REFUSED;
    if (mid == uplink->command_mid && refused != uplink->commands_refused) {
        uplink->commands_refused = refused;
        if (refused)
            log_warning("the platform's broker does not let us read %s: allow it there", uplink->command_topic);
        channel_trouble(uplink->config.name, "commands-refused", refused, true,
                        refused ? "the platform's broker does not let the gateway read its command topic: allow it"
                                : "the gateway can read its command topic again",
                        refused ? "平台服务器不允许网关读取命令主题：请开放权限" : "网关已可读取命令主题");
    }
    if (mid == uplink->recover_mid && uplink->recovery == RECOVER_ASKED) {
        uplink->recovery = RECOVER_WAITING;
        uplink->recover_deadline = refused ? 0 : clock_boottime_ms() + RECOVER_MS;
    }
}

static void on_message(void *context, const struct wire_message *message)
{
    struct uplink *uplink = context;
    if (strcmp(message->topic, uplink->open_topic) == 0) {
        recover_message(uplink, message);
        return;
    }
    const char *verb = topic_verb(message->topic, uplink->config.home);
    if (!verb)
        return;
    struct orders_clock clock = {
        .now = clock_boottime_ms(), .wall = clock_wall_ms(), .synced = uplink->clock.quality == CLOCK_SYNCED};
    orders_message(uplink->orders, &clock, verb, message);
}

/* ---- frames of the core ---- */

static int publish_alert(struct uplink *uplink, const struct frame_send *send, bool compact, int *mid)
{
    const struct alert *alert = &send->alert;
    struct payload_delivery how = {.durable = send->durable != 0,
                                   .late_ms = alert->late_ms + (send->now_log - alert->at),
                                   .again = send->again,
                                   .compact = compact};
    char topic[TOPIC_SIZE];
    char *payload = payload_alert(&uplink->home, alert, &how);
    if (!payload)
        return REASON_REFUSED;
    struct wire_publication publication = {.topic = topic_alert(topic, uplink->config.home, alert), .payload = payload};
    int reason = wire_publish(uplink->wire, &publication, mid);
    free(payload);
    return reason;
}

static void take_send(struct uplink *uplink, const struct frame_send *send, int64_t now)
{
    if (!wire_up(uplink->wire) || uplink->window.n == WINDOW_MAX) {
        if (send->emergency)
            wire_nudge(uplink->wire, now);
        send_delivered(uplink, send->token, REASON_REFUSED);
        return;
    }
    int mid = 0;
    int reason = publish_alert(uplink, send, false, &mid);
    if (reason == REASON_TOO_LARGE)
        reason = publish_alert(uplink, send, true, &mid);
    if (reason != 0)
        settle(uplink, send->token, reason, now);
    else
        window_add(&uplink->window, mid, send->token, send->emergency, now);
}

static void take_status(struct uplink *uplink, const struct frame_status *status)
{
    struct payload_link link = {.tls = uplink->config.tls && !uplink->config.psk[0],
                                .dates_checked = wire_dates_checked(uplink->wire),
                                .cert_expires = wire_cert_expires(uplink->wire)};
    orders_counts(uplink->orders, &link.commands, &link.commands_refused);
    retained_set(&uplink->status, payload_status(&uplink->home, status, &link));
    publish_due(uplink);
}

static void take_frame(struct uplink *uplink, const struct frame *frame, int64_t now)
{
    switch (frame->header.type) {
    case FRAME_SEND:
        take_send(uplink, &frame->send, now);
        break;
    case FRAME_OPEN_BEGIN:
        open_begin(uplink->open_list);
        break;
    case FRAME_ALERT:
        open_add(uplink->open_list, &frame->alert);
        break;
    case FRAME_OPEN_END:
        retained_set(&uplink->open, open_end(uplink->open_list));
        publish_due(uplink);
        break;
    case FRAME_STATUS:
        take_status(uplink, &frame->status);
        break;
    case FRAME_CLOCK:
        uplink->clock = frame->clock;
        uplink->start_at = 0;
        wire_set_clock(uplink->wire, frame->clock.quality == CLOCK_SYNCED);
        break;
    case FRAME_REPLY:
        orders_reply(uplink->orders, now, &frame->reply);
        break;
    default:
        break;
    }
}

/* False: the core has gone. */
static bool take_frames(struct uplink *uplink)
{
    for (;;) {
        const char *why = NULL;
        switch (channel_receive(CHANNEL_FD, &uplink->in, &why)) {
        case CHANNEL_OK:
            take_frame(uplink, &uplink->in, clock_boottime_ms());
            break;
        case CHANNEL_EMPTY:
            return true;
        case CHANNEL_BAD:
            log_error("a frame of the core is wrong: %s", why);
            break;
        case CHANNEL_CLOSED:
        default:
            return false;
        }
    }
}

/* ---- life ---- */

struct uplink *uplink_create(void)
{
    struct uplink *uplink = calloc(1, sizeof *uplink);
    if (!uplink)
        return NULL;
    uplink->clock_known = setup_receive(&uplink->in, &uplink->config, &uplink->clock);
    const struct frame_uplink_config *config = &uplink->config;
    uplink->home = (struct payload_home){config->home, config->software, config->hotline, config->family};
    topic_home(uplink->status_topic, config->home, "status");
    topic_home(uplink->open_topic, config->home, "open");
    topic_home(uplink->command_topic, config->home, "cmd/+");
    uplink->recovery = config->recover ? RECOVER_WANTED : RECOVER_NONE;
    uplink->recover_deadline = INT64_MAX;
    uplink->will = payload_offline(&uplink->home);
    struct wire_events events = {uplink, on_up, on_down, on_acked, on_subscribed, on_message};
    if (uplink->will)
        uplink->wire = wire_create(config, uplink->status_topic, uplink->will, &events);
    uplink->orders = orders_create(uplink->wire, &uplink->home, config->name);
    uplink->open_list = open_create(&uplink->home);
    if (!uplink->wire || !uplink->orders || !uplink->open_list) {
        uplink_destroy(uplink);
        return NULL;
    }
    return uplink;
}

void uplink_destroy(struct uplink *uplink)
{
    if (!uplink)
        return;
    wire_destroy(uplink->wire);
    orders_destroy(uplink->orders);
    open_destroy(uplink->open_list);
    retained_clear(&uplink->open);
    retained_clear(&uplink->status);
    free(uplink->will);
    free(uplink);
}

static void tick(struct uplink *uplink, int64_t now)
{
    if (now >= window_deadline(&uplink->window))
        wire_restart(uplink->wire, now, "a message was not confirmed in time: connecting again");
    else if (wire_wants_recheck(uplink->wire) && uplink->window.n == 0)
        wire_restart(uplink->wire, now, "the clock is synchronised: connecting again to check certificate dates");
    struct window_entry entry;
    while (window_take_due(&uplink->window, now, &entry))
        send_delivered(uplink, entry.token, entry.reason);
    if (now >= uplink->recover_deadline)
        recover_end(uplink);
    if (now >= uplink->start_at)
        wire_tick(uplink->wire, now);
    orders_tick(uplink->orders, now);
    publish_due(uplink);
}

static int64_t deadline(const struct uplink *uplink)
{
    int64_t at[] = {wire_deadline(uplink->wire), window_deadline(&uplink->window), window_due(&uplink->window),
                    orders_deadline(uplink->orders), uplink->recover_deadline};
    int64_t first = at[0] > uplink->start_at ? at[0] : uplink->start_at;
    for (size_t i = 1; i < sizeof at / sizeof at[0]; i++)
        if (at[i] < first)
            first = at[i];
    return first;
}

void uplink_run(struct uplink *uplink)
{
    channel_send_wait(CHANNEL_FD, frame_init(&uplink->out, FRAME_READY));
    if (uplink->clock_known)
        wire_set_clock(uplink->wire, uplink->clock.quality == CLOCK_SYNCED);
    else if (uplink->config.tls)
        uplink->start_at = clock_boottime_ms() + CLOCK_MS;
    for (;;) {
        int64_t now = clock_boottime_ms();
        tick(uplink, now);
        int64_t wait = deadline(uplink) - now;
        struct pollfd fds[2] = {{.fd = CHANNEL_FD, .events = POLLIN}, wire_poll(uplink->wire)};
        if (poll(fds, 2, wait < 0 ? 0 : wait > 3600000 ? 3600000 : (int)wait) < 0)
            continue;
        if (fds[0].revents && !take_frames(uplink))
            return;
        /* A frame may have ended the connection that was polled for. */
        if (fds[1].revents && wire_poll(uplink->wire).fd == fds[1].fd)
            wire_handle(uplink->wire, clock_boottime_ms(), fds[1].revents);
    }
}
