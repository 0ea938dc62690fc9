#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include "backoff.h"
#include "base/text.h"
#include "dial.h"
#include "tls.h"
#include "words.h"

#define CONNECT_MS        INT64_C(10000) /* from the first SYN to CONNACK */
#define HEALTHY_MS        INT64_C(60000) /* a connection that lasted so long ends the series of failures */
#define NUDGE_MS          INT64_C(5000)
#define SESSION_EXPIRY_S  (7u * 24u * 3600u)
#define PACKET_MAX        (128u * 1024u) /* our own open list is the longest that we want to be sent */
#define KEEPALIVE_DEFAULT 60

enum wire_state { WIRE_IDLE, WIRE_CONNECTING, WIRE_ONLINE };

struct wire {
    const struct frame_uplink_config *config;
    const char *will_topic, *will;
    struct wire_events events;
    struct mosquitto *client; /* NULL: no connection */
    struct tls *tls;
    enum wire_state state;
    enum words_phase phase;
    bool clock_synced;
    bool dates_checked;
    bool wait_for_read; /* the TLS handshake waits for the other side: POLLOUT would spin */
    bool answered;      /* CONNACK came, reason in `refused` */
    bool session;
    bool in_loop; /* inside libmosquitto: what is published now is written when it has returned */
    int refused;
    int goodbye; /* reason code of the broker's DISCONNECT; 0: none */
    int broken;  /* MOSQ_ERR_ of a write outside wire_handle */
    unsigned failures;
    unsigned short_lives; /* connections in a row that were closed soon after the login */
    int64_t retry_at, attempt_at, connect_deadline, misc_at, up_since;
    int64_t cert_expires;
    struct dial dial;
};

static int keepalive(const struct wire *wire)
{
    unsigned seconds = wire->config->keepalive_s;
    return seconds == 0 ? KEEPALIVE_DEFAULT : seconds < 5 ? 5 : (int)seconds;
}

static bool mqtt5(const struct wire *wire)
{
    return wire->config->version == MQTT_5;
}

struct wire *wire_create(const struct frame_uplink_config *config, const char *will_topic, const char *will,
                         const struct wire_events *events)
{
    struct wire *wire = calloc(1, sizeof *wire);
    if (!wire || mosquitto_lib_init() != MOSQ_ERR_SUCCESS) {
        free(wire);
        return NULL;
    }
    wire->config = config;
    wire->will_topic = will_topic;
    wire->will = will;
    wire->events = *events;
    return wire;
}

static void disconnect(struct wire *wire)
{
    mosquitto_destroy(wire->client);
    wire->client = NULL;
    if (wire->tls)
        wire->cert_expires = tls_expires(wire->tls);
    tls_destroy(wire->tls);
    wire->tls = NULL;
    wire->state = WIRE_IDLE;
}

void wire_destroy(struct wire *wire)
{
    if (!wire)
        return;
    disconnect(wire);
    mosquitto_lib_cleanup();
    free(wire);
}

/* The connection is over, or there was none. With pause 0 the next attempt is made at once. */
static void fail(struct wire *wire, int64_t now, const char *text, bool pause)
{
    bool healthy = wire->state == WIRE_ONLINE && now - wire->up_since >= HEALTHY_MS;
    wire->failures = healthy ? 1 : wire->failures + 1;
    if (wire->state == WIRE_ONLINE)
        wire->short_lives = healthy ? 0 : wire->short_lives + 1;
    char copy[TEXT_SIZE];
    text_copy(copy, sizeof copy, text);
    disconnect(wire);
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        random = (uint32_t)now;
    wire->retry_at = pause ? now + backoff_ms(wire->failures, random) : now;
    wire->events.down(wire->events.context, copy);
}

/* What went wrong with the connection, from the layer that knows it best. */
static void explain(const struct wire *wire, int rc, int error, char text[TEXT_SIZE])
{
    if (wire->answered && wire->refused)
        words_refused(text, wire->config, wire->refused);
    else if (wire->tls && tls_trouble(wire->tls, text))
        return;
    else if (wire->goodbye)
        words_disconnect(text, wire->config, wire->goodbye);
    else if (rc == MOSQ_ERR_KEEPALIVE)
        words_silent(text, wire->config, PHASE_SESSION);
    else if ((rc == MOSQ_ERR_ERRNO || wire->phase == PHASE_TCP) && error != 0 && error != EAGAIN && error != EPROTO &&
             error != ECONNRESET && error != EPIPE)
        words_errno(text, wire->config, error);
    else if (rc == MOSQ_ERR_NOMEM)
        text_copy(text, TEXT_SIZE, "out of memory");
    else if (rc == MOSQ_ERR_PROTOCOL || rc == MOSQ_ERR_MALFORMED_PACKET)
        snprintf(text, TEXT_SIZE, "what %.100s says is not MQTT %s: check port and version of the uplink",
                 wire->config->host, mqtt5(wire) ? "5" : "3.1.1");
    else if (wire->phase == PHASE_SESSION && wire->short_lives > 0)
        words_taken(text, wire->config);
    else
        words_closed(text, wire->config, wire->phase);
}

/* ---- libmosquitto's callbacks: note what happened, decide later ---- */

static void on_connect(struct mosquitto *client, void *context, int reason, int flags, const mosquitto_property *props)
{
    (void)client, (void)props;
    struct wire *wire = context;
    wire->answered = true;
    wire->refused = reason;
    wire->session = flags & 1;
}

static void on_disconnect(struct mosquitto *client, void *context, int reason, const mosquitto_property *props)
{
    (void)client, (void)props;
    struct wire *wire = context;
    if (reason >= 0x80)
        wire->goodbye = reason;
}

static void on_publish(struct mosquitto *client, void *context, int mid, int reason, const mosquitto_property *props)
{
    (void)client, (void)props;
    struct wire *wire = context;
    wire->events.acked(wire->events.context, mid, reason);
}

static void on_subscribe(struct mosquitto *client, void *context, int mid, int n, const int *granted,
                         const mosquitto_property *props)
{
    (void)client, (void)props;
    struct wire *wire = context;
    wire->events.subscribed(wire->events.context, mid, n > 0 ? granted[0] : 0x80);
}

static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message,
                       const mosquitto_property *props)
{
    (void)client;
    struct wire *wire = context;
    char *response = NULL;
    void *correlation = NULL;
    uint16_t correlation_size = 0;
    uint32_t expiry = 1;
    mosquitto_property_read_string(props, MQTT_PROP_RESPONSE_TOPIC, &response, false);
    mosquitto_property_read_binary(props, MQTT_PROP_CORRELATION_DATA, &correlation, &correlation_size, false);
    mosquitto_property_read_int32(props, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, &expiry, false);
    struct wire_message seen = {.topic = message->topic,
                                .payload = message->payload,
                                .size = message->payloadlen > 0 ? (size_t)message->payloadlen : 0,
                                .retained = message->retain,
                                .expired = expiry == 0,
                                .response_topic = response,
                                .correlation = correlation,
                                .correlation_size = correlation_size};
    wire->events.message(wire->events.context, &seen);
    free(response);
    free(correlation);
}

/* ---- connecting ---- */

static void set_callbacks(struct mosquitto *client)
{
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_disconnect_v5_callback_set(client, on_disconnect);
    mosquitto_publish_v5_callback_set(client, on_publish);
    mosquitto_subscribe_v5_callback_set(client, on_subscribe);
    mosquitto_message_v5_callback_set(client, on_message);
}

/* libmosquitto takes CONNECT properties only in its blocking connect, and keeps them also when that call refuses its
 * other arguments: port -1 makes it keep them and do nothing else. The asynchronous connect then sends them. */
static void set_session(struct mosquitto *client, const char *address)
{
    mosquitto_property *properties = NULL;
    mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, SESSION_EXPIRY_S);
    mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, PACKET_MAX);
    mosquitto_connect_bind_v5(client, address, -1, 60, NULL, properties);
    mosquitto_property_free_all(&properties);
}

/* A client set up but for its connection. */
static struct mosquitto *make_client(struct wire *wire, const char *address)
{
    const struct frame_uplink_config *config = wire->config;
    struct mosquitto *client = mosquitto_new(config->client_id, false, wire);
    if (!client)
        return NULL;
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, mqtt5(wire) ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, UINT16_MAX); /* the core and the owner keep the windows */
    /* "Somebody else calls the loop": then PUBACKs of commands are written by mosquitto_loop_write, after on_message.
     */
    mosquitto_threaded_set(client, true);
    mosquitto_will_set(client, wire->will_topic, (int)strlen(wire->will), wire->will, 1, true);
    if (config->username[0])
        mosquitto_username_pw_set(client, config->username, config->password[0] ? config->password : NULL);
    if (wire->tls) {
        mosquitto_void_option(client, MOSQ_OPT_SSL_CTX, tls_context(wire->tls));
        mosquitto_int_option(client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    }
    set_callbacks(client);
    if (mqtt5(wire))
        set_session(client, address);
    return client;
}

static void connect_to(struct wire *wire, int64_t now);

/* TCP did not come about: another address of the same name may answer. */
static void fail_tcp(struct wire *wire, int64_t now, const char *text)
{
    if (dial_next(&wire->dial)) {
        disconnect(wire);
        connect_to(wire, now);
        return;
    }
    fail(wire, now, text, true);
}

static void connect_to(struct wire *wire, int64_t now)
{
    char text[TEXT_SIZE];
    const char *address = wire->dial.addresses[wire->dial.at];
    wire->phase = PHASE_TCP;
    wire->answered = wire->session = wire->wait_for_read = false;
    wire->refused = wire->goodbye = wire->broken = 0;
    wire->dates_checked = wire->config->tls && !wire->config->psk[0] && wire->clock_synced;
    if (wire->config->tls) {
        wire->tls = tls_create(wire->config, wire->clock_synced, text);
        if (!wire->tls) {
            fail(wire, now, text, true);
            return;
        }
        wire->cert_expires = tls_expires(wire->tls);
    }
    wire->client = make_client(wire, address);
    if (!wire->client) {
        fail(wire, now, "out of memory", true);
        return;
    }
    errno = 0;
    int rc = mosquitto_connect_async(wire->client, address, (int)wire->config->port, keepalive(wire));
    if (rc != MOSQ_ERR_SUCCESS || mosquitto_socket(wire->client) < 0) {
        explain(wire, rc, errno, text);
        fail_tcp(wire, now, text);
        return;
    }
    dial_tune(mosquitto_socket(wire->client));
    wire->state = WIRE_CONNECTING;
    wire->connect_deadline = now + (wire->dial.n > 1 ? CONNECT_MS / 2 : CONNECT_MS);
}

static void attempt(struct wire *wire, int64_t now)
{
    wire->attempt_at = now;
    int error = dial_resolve(&wire->dial, wire->config->host);
    if (error) {
        char text[TEXT_SIZE];
        fail(wire, now, words_lookup(text, wire->config, error), true);
        return;
    }
    connect_to(wire, now);
}

/* Is the TCP connection there? Moves on from PHASE_TCP. */
static bool check_tcp(struct wire *wire, int64_t now)
{
    char text[TEXT_SIZE];
    int error = dial_error(mosquitto_socket(wire->client));
    if (error) {
        fail_tcp(wire, now, words_errno(text, wire->config, error));
        return false;
    }
    wire->phase = wire->tls ? PHASE_TLS : PHASE_LOGIN;
    return true;
}

static void come_up(struct wire *wire, int64_t now)
{
    bool unchecked = wire->tls && !wire->config->psk[0] && !wire->dates_checked;
    wire->state = WIRE_ONLINE;
    wire->phase = PHASE_SESSION;
    wire->up_since = now;
    wire->misc_at = now + keepalive(wire) * INT64_C(250);
    if (wire->tls)
        wire->cert_expires = tls_expires(wire->tls);
    wire->events.up(wire->events.context, wire->session,
                    unchecked ? "connected; certificate dates are not checked: the clock is not synchronised yet" : "");
}

/* ---- running ---- */

static int flush(const struct wire *wire)
{
    return mosquitto_want_write(wire->client) ? mosquitto_loop_write(wire->client, 1) : MOSQ_ERR_SUCCESS;
}

struct pollfd wire_poll(const struct wire *wire)
{
    struct pollfd pollfd = {.fd = wire->client ? mosquitto_socket(wire->client) : -1, .events = POLLIN};
    if (pollfd.fd >= 0 && !wire->wait_for_read && (wire->phase == PHASE_TCP || mosquitto_want_write(wire->client)))
        pollfd.events |= POLLOUT;
    return pollfd;
}

void wire_handle(struct wire *wire, int64_t now, short revents)
{
    if (!wire->client || !revents)
        return;
    if (wire->phase == PHASE_TCP && !check_tcp(wire, now))
        return;
    int rc = MOSQ_ERR_SUCCESS;
    errno = 0;
    if (revents & (POLLIN | POLLHUP | POLLERR)) {
        wire->wait_for_read = false;
        wire->in_loop = true;
        rc = mosquitto_loop_read(wire->client, 1);
        wire->in_loop = false;
    }
    if (rc == MOSQ_ERR_SUCCESS)
        rc = flush(wire);
    int error = errno;
    if (wire->phase == PHASE_TLS && tls_ready(wire->tls))
        wire->phase = PHASE_LOGIN;
    /* In the handshake libmosquitto wants to write as long as its CONNECT has not gone. */
    wire->wait_for_read = wire->phase == PHASE_TLS;
    if (rc != MOSQ_ERR_SUCCESS || mosquitto_socket(wire->client) < 0 || (wire->answered && wire->refused)) {
        char text[TEXT_SIZE];
        explain(wire, rc, error, text);
        fail(wire, now, text, true);
    } else if (wire->state == WIRE_CONNECTING && wire->answered) {
        come_up(wire, now);
        if (wire->client)
            wire->broken = flush(wire);
    }
}

void wire_tick(struct wire *wire, int64_t now)
{
    char text[TEXT_SIZE];
    if (wire->state == WIRE_IDLE && now >= wire->retry_at) {
        attempt(wire, now);
    } else if (wire->state == WIRE_CONNECTING && now >= wire->connect_deadline) {
        words_silent(text, wire->config, wire->phase);
        if (wire->phase == PHASE_TCP)
            fail_tcp(wire, now, text);
        else
            fail(wire, now, text, true);
    } else if (wire->state == WIRE_ONLINE) {
        int rc = wire->broken;
        errno = 0;
        if (!rc && now >= wire->misc_at) {
            wire->misc_at = now + keepalive(wire) * INT64_C(250);
            rc = mosquitto_loop_misc(wire->client);
            if (!rc)
                rc = flush(wire);
        }
        if (rc) {
            explain(wire, rc, errno, text);
            fail(wire, now, text, true);
        }
    }
}

int64_t wire_deadline(const struct wire *wire)
{
    if (wire->state == WIRE_IDLE)
        return wire->retry_at;
    if (wire->state == WIRE_CONNECTING)
        return wire->connect_deadline;
    return wire->broken ? 0 : wire->misc_at;
}

void wire_set_clock(struct wire *wire, bool synced)
{
    wire->clock_synced = synced;
}

bool wire_up(const struct wire *wire)
{
    return wire->state == WIRE_ONLINE;
}

bool wire_wants_recheck(const struct wire *wire)
{
    return wire->state == WIRE_ONLINE && wire->tls && !wire->config->psk[0] && !wire->dates_checked &&
           wire->clock_synced;
}

bool wire_dates_checked(const struct wire *wire)
{
    return wire->dates_checked;
}

int64_t wire_cert_expires(const struct wire *wire)
{
    return wire->cert_expires;
}

int wire_publish(struct wire *wire, const struct wire_publication *publication, int *mid)
{
    if (!wire_up(wire) || wire->broken)
        return MQTT_RC_SERVER_UNAVAILABLE;
    mosquitto_property *properties = NULL;
    if (mqtt5(wire)) {
        mosquitto_property_add_byte(&properties, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, 1);
        if (publication->correlation)
            mosquitto_property_add_binary(&properties, MQTT_PROP_CORRELATION_DATA, publication->correlation,
                                          (uint16_t)publication->correlation_size);
    }
    int rc = mosquitto_publish_v5(wire->client, mid, publication->topic, (int)strlen(publication->payload),
                                  publication->payload, 1, publication->retained, properties);
    mosquitto_property_free_all(&properties);
    if (rc == MOSQ_ERR_OVERSIZE_PACKET || rc == MOSQ_ERR_PAYLOAD_SIZE)
        return MQTT_RC_PACKET_TOO_LARGE;
    if (rc == MOSQ_ERR_RETAIN_NOT_SUPPORTED)
        return MQTT_RC_RETAIN_NOT_SUPPORTED;
    if (rc == MOSQ_ERR_QOS_NOT_SUPPORTED)
        return MQTT_RC_QOS_NOT_SUPPORTED;
    if (rc != MOSQ_ERR_SUCCESS)
        return MQTT_RC_UNSPECIFIED;
    if (!wire->in_loop)
        wire->broken = flush(wire);
    return 0;
}

int wire_subscribe(struct wire *wire, const char *topic, bool retained, int *mid)
{
    if (!wire_up(wire))
        return -1;
    /* As published: only so it shows that a command which comes live, or waited in our session, was sent retained. */
    int options = mqtt5(wire) && !retained ? MQTT_SUB_OPT_SEND_RETAIN_NEVER | MQTT_SUB_OPT_RETAIN_AS_PUBLISHED : 0;
    return mosquitto_subscribe_v5(wire->client, mid, topic, 1, options, NULL) == MOSQ_ERR_SUCCESS ? 0 : -1;
}

void wire_unsubscribe(struct wire *wire, const char *topic)
{
    if (wire_up(wire))
        mosquitto_unsubscribe(wire->client, NULL, topic);
}

void wire_restart(struct wire *wire, int64_t now, const char *text)
{
    if (wire->client)
        fail(wire, now, text, false);
}

void wire_nudge(struct wire *wire, int64_t now)
{
    if (wire->state == WIRE_IDLE && now - wire->attempt_at >= NUDGE_MS)
        wire->retry_at = now;
}
