#include "link.h"

#include <errno.h>
#include <mosquitto.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define CONNECT_TIMEOUT_MS 10000 /* to the broker's CONNACK */
#define PING_TIMEOUT_MS    10000 /* from PINGREQ to a sign of life */
#define BACKOFF_FIRST_MS   1000
#define BACKOFF_MAX_MS     60000
#define HEALTHY_MS         10000 /* a connection that lasted so long starts the back-off anew */

struct link {
    struct mosquitto *mosq;
    struct frame_broker broker;
    struct link_events events;
    enum link_state state;
    bool held;
    bool connack;      /* came up in this link_read */
    bool refused;      /* what trouble says */
    bool refusal;      /* the answer to this attempt */
    bool ipv4, bound;  /* this attempt goes out from an IPv4 address; one was ever chosen. See dial */
    bool dup;          /* of the PUBLISH that was read last, for its on_message */
    unsigned messages; /* seen by link_read */
    unsigned failures;
    int64_t down_since, up_since;
    int64_t retry_at;      /* DOWN */
    int64_t give_up_at;    /* CONNECTING */
    int64_t written, read; /* last time, UP */
    int64_t pinged;        /* 0: no answer is waited for */
    char trouble[GW_MAX_TEXT], trouble_zh[GW_MAX_TEXT];
    char receives[NAME_SIZE + 64]; /* how libmosquitto's log tells of a PUBLISH, up to its DUP flag */
};

static void set_trouble(struct link *link, bool refused, const char *text, const char *text_zh)
{
    link->refused = refused;
    text_copy(link->trouble, sizeof(link->trouble), text);
    text_copy(link->trouble_zh, sizeof(link->trouble_zh), text_zh);
}

/* Half to the whole of 1, 2, 4 ... 60 s: a village's hubs must not come back in step after a power cut. */
static int64_t backoff(unsigned failures)
{
    uint32_t random = 0;
    int64_t full = failures >= 6 ? BACKOFF_MAX_MS : (int64_t)BACKOFF_FIRST_MS << failures;
    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
        random = (uint32_t)clock_boottime_us();
    return full / 2 + (int64_t)(random % (uint32_t)(full / 2 + 1));
}

static void went_down(struct link *link, int64_t now)
{
    if (link->state == LINK_STATE_DOWN)
        return;
    bool was_up = link->state == LINK_STATE_UP;
    int fd = mosquitto_socket(link->mosq);
    if (fd >= 0) /* libmosquitto closes it at the next attempt; the other end shall know now */
        (void)shutdown(fd, SHUT_RDWR);
    if (was_up && now - link->up_since >= HEALTHY_MS)
        link->failures = 0;
    link->state = LINK_STATE_DOWN;
    link->held = link->ipv4 = false;
    link->retry_at = now + backoff(link->failures);
    link->failures += link->failures < 6;
    if (link->down_since == 0)
        link->down_since = now;
    if (was_up)
        link->events.down(link->events.context);
}

static void refuse_words(struct link *link, int code)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const char *user = link->broker.username[0] != '\0' ? link->broker.username : "(none)";
    if (code == 4 || code == 5) {
        (void)snprintf(en, sizeof(en),
                       "The local MQTT broker refuses user \"%.40s\": check mqtt.username and mqtt.password, and the "
                       "broker's password file and access list.",
                       user);
        (void)snprintf(zh, sizeof(zh), "本地MQTT服务器拒绝用户“%.40s”：请检查用户名、密码和访问权限。", user);
    } else if (code == 2) {
        (void)snprintf(en, sizeof(en), "The local MQTT broker refuses the client id \"%.40s\".",
                       link->broker.client_id);
        (void)snprintf(zh, sizeof(zh), "本地MQTT服务器拒绝客户端标识“%.40s”。", link->broker.client_id);
    } else {
        (void)snprintf(en, sizeof(en), "The local MQTT broker refuses the connection (code %d).", code);
        (void)snprintf(zh, sizeof(zh), "本地MQTT服务器拒绝连接（代码%d）。", code);
    }
    set_trouble(link, true, en, zh);
}

static void on_connect(struct mosquitto *mosq, void *context, int code, int flags)
{
    (void)mosq;
    struct link *link = context;
    int64_t now = clock_boottime_ms();
    if (code != 0) {
        link->refusal = true;
        refuse_words(link, code);
        return;
    }
    link->connack = true;
    link->state = LINK_STATE_UP;
    link->up_since = link->written = link->read = now;
    link->pinged = 0;
    link->down_since = 0;
    set_trouble(link, false, "", "");
    link->events.up(link->events.context, (flags & 1) != 0);
}

/* libmosquitto shows the DUP flag nowhere but in its log, just before it shows the message. */
static void on_log(struct mosquitto *mosq, void *context, int level, const char *text)
{
    (void)mosq;
    struct link *link = context;
    const size_t n = strlen(link->receives);
    if (level == MOSQ_LOG_DEBUG && strncmp(text, link->receives, n) == 0)
        link->dup = text[n] != '0';
}

static void on_message(struct mosquitto *mosq, void *context, const struct mosquitto_message *from)
{
    (void)mosq;
    struct link *link = context;
    struct link_message message = {
        .topic = from->topic,
        .payload = from->payload,
        .size = from->payloadlen > 0 ? (size_t)from->payloadlen : 0,
        .mid = from->mid,
        .qos = from->qos,
        .retained = from->retain,
        .dup = link->dup,
    };
    link->dup = true;
    link->messages++;
    link->events.message(link->events.context, &message);
}

static void on_subscribe(struct mosquitto *mosq, void *context, int mid, int n, const int *granted)
{
    (void)mosq;
    struct link *link = context;
    link->messages++; /* progress: there may be more behind it */
    link->events.subscribed(link->events.context, mid, granted, n);
}

static bool set_up_tls(struct link *link, const char **why)
{
    const struct frame_broker *broker = &link->broker;
    if (broker->ca[0] == '\0')
        return true;
    const char *cert = broker->cert[0] != '\0' ? broker->cert : NULL;
    const char *key = broker->key[0] != '\0' ? broker->key : NULL;
    if (mosquitto_tls_set(link->mosq, broker->ca, NULL, cert, key, NULL) == MOSQ_ERR_SUCCESS)
        return true;
    *why = "mqtt.ca, mqtt.cert or mqtt.key cannot be read: check their paths and permissions";
    return false;
}

struct link *link_create(const struct frame_broker *broker, const char *suffix, const struct link_events *events,
                         const char **why)
{
    char id[NAME_SIZE + 16];
    struct link *link = calloc(1, sizeof(*link));
    *why = "out of memory";
    if (link == NULL)
        return NULL;
    link->broker = *broker;
    link->events = *events;
    link->down_since = clock_boottime_ms();
    link->dup = true;
    (void)snprintf(id, sizeof(id), "%s%s", broker->client_id, suffix);
    (void)snprintf(link->receives, sizeof(link->receives), "Client %s received PUBLISH (d", id);
    (void)mosquitto_lib_init(); /* counts its calls */
    link->mosq = mosquitto_new(id, false, link);
    if (link->mosq == NULL || !set_up_tls(link, why)) {
        link_destroy(link);
        return NULL;
    }
    if (broker->username[0] != '\0')
        (void)mosquitto_username_pw_set(link->mosq, broker->username, broker->password);
    (void)mosquitto_threaded_set(link->mosq, true); /* see the top of link.h */
    (void)mosquitto_int_option(link->mosq, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_connect_with_flags_callback_set(link->mosq, on_connect);
    mosquitto_message_callback_set(link->mosq, on_message);
    mosquitto_subscribe_callback_set(link->mosq, on_subscribe);
    mosquitto_log_callback_set(link->mosq, on_log);
    return link;
}

void link_destroy(struct link *link)
{
    if (link == NULL)
        return;
    mosquitto_destroy(link->mosq);
    (void)mosquitto_lib_cleanup();
    free(link);
}

enum link_state link_state(const struct link *link)
{
    return link->state;
}

int64_t link_down_since(const struct link *link)
{
    return link->down_since;
}

const char *link_trouble(const struct link *link, const char **text_zh, bool *refused)
{
    *text_zh = link->trouble_zh;
    *refused = link->refused;
    return link->trouble;
}

int link_fd(const struct link *link)
{
    return link->state == LINK_STATE_DOWN ? -1 : mosquitto_socket(link->mosq);
}

short link_poll_events(const struct link *link, bool reading)
{
    short events = reading || link->state == LINK_STATE_CONNECTING ? POLLIN : 0;
    if (!link->held && mosquitto_want_write(link->mosq))
        events |= POLLOUT;
    return events;
}

int64_t link_deadline(const struct link *link)
{
    int64_t keepalive = (int64_t)link->broker.keepalive_s * 1000;
    switch (link->state) {
    case LINK_STATE_DOWN:
        return link->retry_at;
    case LINK_STATE_CONNECTING:
        return link->give_up_at;
    default:
        if (link->held)
            return INT64_MAX; /* the holder has its own deadline, shorter than a ping's */
        /* libmosquitto counts whole seconds: a second later it is due for certain */
        return link->pinged != 0 ? link->pinged + PING_TIMEOUT_MS : link->written + keepalive + 1000;
    }
}

static void failed(struct link *link, int64_t now, int result)
{
    bool nobody =
        link->state == LINK_STATE_CONNECTING && !link->refusal && result != MOSQ_ERR_TLS && result != MOSQ_ERR_EAI;
    bool again = nobody && !link->ipv4;
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    const char *reason = result == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(result);
    if (result == MOSQ_ERR_TLS) {
        (void)snprintf(
            en, sizeof(en),
            "TLS with the local MQTT broker %.40s fails: check mqtt.ca, mqtt.cert and mqtt.key, the name and dates "
            "of the broker's certificate, and the clock.",
            link->broker.host);
        (void)snprintf(zh, sizeof(zh), "与本地MQTT服务器%.60s的TLS连接失败：请检查证书、名称、有效期和时钟。",
                       link->broker.host);
        set_trouble(link, false, en, zh);
    } else if (!link->refusal && !(again && link->refused)) {
        (void)snprintf(en, sizeof(en), "The local MQTT broker %.60s:%u cannot be reached (%.60s).", link->broker.host,
                       link->broker.port, reason);
        (void)snprintf(zh, sizeof(zh), "无法连接本地MQTT服务器%.60s:%u。", link->broker.host, link->broker.port);
        set_trouble(link, false, en, zh);
    }
    if (again) {
        link->ipv4 = true;
        link->state = LINK_STATE_DOWN;
        link->retry_at = now;
    } else {
        went_down(link, now);
    }
}

/* Of a name's addresses libmosquitto takes the first to which it can begin to connect, and never the next when nobody
 * listens there. "localhost" is ::1 first on most systems, and many a broker listens on 127.0.0.1 only: so the next
 * attempt, at once, goes out from an IPv4 address, to which only IPv4 addresses can be connected. The address is never
 * unset, but changed: libmosquitto 2.0.11 would go on with the freed one. */
static int dial(struct link *link)
{
    const struct frame_broker *broker = &link->broker;
    if (link->ipv4 || link->bound) {
        int result = mosquitto_string_option(link->mosq, MOSQ_OPT_BIND_ADDRESS, link->ipv4 ? "0.0.0.0" : "::");
        if (result != MOSQ_ERR_SUCCESS)
            return result;
        link->bound = true;
    }
    return mosquitto_connect_async(link->mosq, broker->host, (int)broker->port, (int)broker->keepalive_s);
}

static void connect_now(struct link *link, int64_t now)
{
    bool second = link->ipv4;
    link->state = LINK_STATE_CONNECTING;
    link->refusal = false;
    link->give_up_at = now + CONNECT_TIMEOUT_MS;
    int result = dial(link);
    if (result != MOSQ_ERR_SUCCESS && !second) { /* it has no IPv6 address */
        link->ipv4 = true;
        result = dial(link);
    }
    if (result != MOSQ_ERR_SUCCESS) {
        if (second) /* it has no IPv4 address: what was met at the other one is told */
            went_down(link, now);
        else
            failed(link, now, result);
        return;
    }
    int fd = mosquitto_socket(link->mosq);
    unsigned timeout = PING_TIMEOUT_MS;
    if (fd >= 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
}

static void ping(struct link *link, int64_t now)
{
    int result = mosquitto_loop_misc(link->mosq);
    if (result != MOSQ_ERR_SUCCESS) {
        failed(link, now, result);
        return;
    }
    if (mosquitto_want_write(link->mosq)) {
        link->pinged = now;
        link_flush(link, now);
    } else {
        link->written += 1000; /* not due yet by libmosquitto's clock */
    }
}

void link_tick(struct link *link, int64_t now)
{
    if (now < link_deadline(link))
        return;
    if (link->state == LINK_STATE_DOWN) {
        connect_now(link, now);
    } else if (link->state == LINK_STATE_CONNECTING) {
        errno = ETIMEDOUT;
        failed(link, now, MOSQ_ERR_ERRNO);
    } else if (link->pinged == 0) {
        ping(link, now);
    } else if (link->read >= link->pinged) {
        link->pinged = 0;
    } else {
        errno = ETIMEDOUT;
        failed(link, now, MOSQ_ERR_ERRNO);
    }
}

void link_read(struct link *link, int64_t now, unsigned limit)
{
    unsigned before;
    link->messages = 0;
    link->connack = false;
    link->read = now;
    do {
        /* One packet a call, whatever the second argument says; what is no message ends the loop, poll comes again. */
        before = link->messages;
        int result = mosquitto_loop_read(link->mosq, 1);
        if (result != MOSQ_ERR_SUCCESS) {
            failed(link, now, result);
            return;
        }
    } while (link->messages != before && link->messages < limit && link->state == LINK_STATE_UP && !link->connack);
}

void link_flush(struct link *link, int64_t now)
{
    if (link->state == LINK_STATE_DOWN || link->held || !mosquitto_want_write(link->mosq))
        return;
    link->written = now;
    int result = mosquitto_loop_write(link->mosq, 1); /* writes all that is queued */
    if (result != MOSQ_ERR_SUCCESS)
        failed(link, now, result);
}

void link_hold(struct link *link, bool hold)
{
    link->held = hold && link->state == LINK_STATE_UP;
}

void link_drop(struct link *link, int64_t now, const char *why, const char *why_zh)
{
    set_trouble(link, false, why, why_zh);
    went_down(link, now);
}

int link_subscribe(struct link *link, const char *const topics[], int n)
{
    int mid = -1;
    /* The library's prototype lacks the const; it does not write. */
    char **list = malloc((size_t)n * sizeof(*list));
    if (list == NULL)
        return -1;
    memcpy(list, topics, (size_t)n * sizeof(*list));
    int result = mosquitto_subscribe_multiple(link->mosq, &mid, n, list, 1, 0, NULL);
    free(list);
    return result == MOSQ_ERR_SUCCESS ? mid : -1;
}

void link_unsubscribe(struct link *link, const char *topic)
{
    (void)mosquitto_unsubscribe(link->mosq, NULL, topic);
}
