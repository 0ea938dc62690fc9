/* uplinks.c - the platforms. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "check.h"

#define CLASSES_ALL ((1u << GW_EMERGENCY) | (1u << GW_WARNING) | (1u << GW_INFO) | (1u << GW_TECHNICAL))
#define PSK_DIGITS  32u /* 128 bits */

static const char *const versions[] = {"5", "3.1.1", NULL};
static const uint32_t version_values[] = {MQTT_5, MQTT_311};

static const struct key uplink_keys[] = {
    {.name = "name",
     .type = KEY_NAME,
     .required = true,
     FIELD(struct uplink_settings, link.name),
     .doc = "for logs and people"},
    {.name = "host",
     .type = KEY_TEXT,
     .required = true,
     FIELD(struct uplink_settings, link.host),
     .doc = "the platform's broker"},
    {.name = "port",
     .type = KEY_NUMBER,
     FIELD(struct uplink_settings, link.port),
     .minimum = 1,
     .maximum = 65535,
     .doc = "8883, without tls 1883"},
    {.name = "version",
     .type = KEY_CHOICE,
     FIELD(struct uplink_settings, link.version),
     .choices = versions,
     .fallback = "5",
     .doc = "of MQTT"},
    {.name = "client_id",
     .type = KEY_TEXT,
     FIELD(struct uplink_settings, link.client_id),
     .doc = "must be the home's own"},
    {.name = "username",
     .type = KEY_TEXT,
     FIELD(struct uplink_settings, link.username),
     .doc = "if the broker asks for it"},
    {.name = "password",
     .type = KEY_TEXT,
     FIELD(struct uplink_settings, link.password),
     .doc = "if the broker asks for it"},
    {.name = "tls", .type = KEY_GROUP, .doc = "encryption: by certificates (ca) or by a pre-shared key (psk)"},
    {.name = "classes", .type = KEY_OWN, .doc = "which alerts go there: all, if not said"},
    {.name = "backup",
     .type = KEY_FLAG,
     FIELD(struct uplink_settings, backup),
     .fallback = "false",
     .doc = "used only when the others fail"},
    /* one a second: a day's backlog of a lively home is through in minutes, ten thousand homes after a town's outage
     * do not flood the platform */
    {.name = "rate",
     .type = KEY_NUMBER,
     FIELD(struct uplink_settings, rate),
     .minimum = 1,
     .maximum = 6000,
     .fallback = "60",
     .doc = "non-emergencies a minute at most"},
    /* customary levels: 90 s, 180 s, 5 h, 25 h */
    {.name = "heartbeat",
     .type = KEY_DURATION,
     FIELD(struct uplink_settings, heartbeat_s),
     .minimum = 5000,
     .maximum = 90000000,
     .unit = 1000,
     .fallback = "180 s",
     .doc = "the status is sent at least this often"},
    /* a dead link is noticed within one and a half of it, before somebody presses the button */
    {.name = "keepalive",
     .type = KEY_DURATION,
     FIELD(struct uplink_settings, link.keepalive_s),
     .minimum = 5000,
     .maximum = 3600000,
     .unit = 1000,
     .fallback = "30 s",
     .doc = "a silent connection is given up after one and a half of it"},
};
const struct table uplink_table = TABLE("uplinks", uplink_keys);

static const struct key tls_keys[] = {
    {.name = "ca",
     .type = KEY_PATH,
     FIELD(struct frame_uplink_config, ca),
     .doc = "certificates that may sign the platform's"},
    {.name = "cert", .type = KEY_PATH, FIELD(struct frame_uplink_config, cert), .doc = "the home's certificate"},
    {.name = "key", .type = KEY_PATH, FIELD(struct frame_uplink_config, key), .doc = "its key"},
    {.name = "psk_identity",
     .type = KEY_TEXT,
     FIELD(struct frame_uplink_config, psk_identity),
     .doc = "name of the pre-shared key"},
    {.name = "psk",
     .type = KEY_TEXT,
     FIELD(struct frame_uplink_config, psk),
     .doc = "pre-shared key in hex, 32 digits or more"},
};
const struct table tls_table = TABLE("uplinks.tls", tls_keys);

static void read_psk(struct check *check, const struct node *group, const struct frame_uplink_config *link)
{
    if (*link->ca || *link->cert || *link->key)
        report_add(check->report, table_line(group, "psk"),
                   "tls: either ca (with cert and key) or psk_identity with psk, not both");
    if (!*link->psk_identity != !*link->psk)
        report_add(check->report, node_line(group), "tls: psk_identity and psk go together; %s is missing",
                   *link->psk ? "psk_identity" : "psk");
    size_t digits = strlen(link->psk);
    if (*link->psk && (strspn(link->psk, "0123456789abcdefABCDEF") != digits || digits % 2 != 0 || digits < PSK_DIGITS))
        report_add(
            check->report, table_line(group, "psk"),
            "psk: expected an even number of hex digits (0-9, a-f), at least %u; make one with: openssl rand -hex 32",
            PSK_DIGITS);
}

static void read_tls(struct check *check, const struct node *group, struct frame_uplink_config *link)
{
    link->tls = 1;
    if (!table_read(&tls_table, group, link, check->report))
        return;
    if (*link->psk || *link->psk_identity)
        read_psk(check, group, link);
    else if (!*link->ca && !*link->cert && !*link->key)
        report_add(check->report, node_line(group),
                   "tls: ca is missing; for a platform with a public certificate: ca = "
                   "\"/etc/ssl/certs/ca-certificates.crt\"");
    else
        check_certificate(check, group, link->ca, link->cert, link->key);
}

static void read_classes(struct check *check, const struct node *node, struct uplink_settings *uplink)
{
    static const char *const names[] = {"emergency", "warning", "info", "technical"};
    uplink->classes = 0;
    if (node_type(node) != NODE_ARRAY && node_type(node) != NODE_LIST) {
        table_wrong(node, check->report, "expected a list such as [ \"emergency\", \"warning\" ]");
        return;
    }
    for (unsigned i = 0; i < node_count(node); i++) {
        char name[NAME_SIZE] = "";
        const struct node *element = node_child(node, i);
        bool text = node_type(element) == NODE_TEXT && node_scalar(element, name, sizeof name);
        uint32_t class_ = text ? alert_class_by_name(name) : 0;
        uplink->classes |= class_ ? 1u << class_ : 0u;
        const char *nearest = class_ ? NULL : text_nearest(name, names, 4);
        if (!class_)
            table_wrong(node, check->report, "\"%s\" is no class of alerts: %s%s%s", name,
                        nearest ? "did you mean \"" : "emergency, warning, info, technical", nearest ? nearest : "",
                        nearest ? "\"?" : "");
    }
    if (node_count(node) == 0)
        table_wrong(node, check->report, "without a class nothing is sent there; remove the key for all of them");
}

/* What every link needs beside its own keys. */
static void complete(const struct settings *settings, struct frame_uplink_config *link)
{
    if (link->port == 0)
        link->port = link->tls ? 8883 : 1883;
    snprintf(link->home, sizeof link->home, "%s/%s/%s/%s", settings->county, settings->town, settings->village,
             settings->home);
    text_copy(link->software, sizeof link->software, "gatewayd " GATEWAYD_VERSION);
    text_copy(link->hotline, sizeof link->hotline, settings->hotline);
    text_copy(link->family, sizeof link->family, settings->family);
    text_copy(link->timezone, sizeof link->timezone, settings->timezone);
    /* Always the same, or the broker would forget its session; of 19 characters, because a 3.1.1 broker need not take
     * more than 23; with the uplink's name, because two sessions of one name throw each other out. */
    if (!*link->client_id)
        snprintf(link->client_id, sizeof link->client_id, "gw-%016llx",
                 (unsigned long long)hash_text(hash_text(HASH_START, link->home), link->name));
}

static void check_sessions(struct check *check, const struct node *list, unsigned i)
{
    const struct uplink_settings *uplinks = check->settings->uplinks;
    const struct frame_uplink_config *link = &uplinks[i].link;
    for (unsigned k = 0; k < i; k++)
        if (link->port == uplinks[k].link.port && strcmp(link->host, uplinks[k].link.host) == 0 &&
            strcmp(link->client_id, uplinks[k].link.client_id) == 0 && *link->host)
            report_add(check->report, table_line(node_child(list, i), "client_id"),
                       "client_id: \"%s\" is that of \"%s\" at the same broker: they would throw each other out",
                       link->client_id, uplinks[k].link.name);
}

static void read_uplink(struct check *check, const struct node *list, unsigned i)
{
    const struct node *group = node_child(list, i), *tls = node_member(group, "tls"),
                      *classes = node_member(group, "classes");
    struct uplink_settings *uplink = &check->settings->uplinks[i];
    uplink->classes = CLASSES_ALL;
    table_read(&uplink_table, group, uplink, check->report);
    uplink->link.version = version_values[uplink->link.version];
    if (node_type(group) != NODE_GROUP)
        return;
    if (tls && node_type(tls) == NODE_GROUP)
        read_tls(check, tls, &uplink->link);
    if (classes)
        read_classes(check, classes, uplink);
    if (*uplink->link.password && !*uplink->link.username)
        report_add(check->report, table_line(group, "password"), "password: without username the broker ignores it");
    complete(check->settings, &uplink->link);
    table_unique(list, i, check->settings->uplinks[0].link.name, sizeof *uplink, check->report);
    check_sessions(check, list, i);
}

/* All uplinks together must do what the gateway is for. */
static void check_emergencies(struct check *check, const struct node *list)
{
    const struct settings *settings = check->settings;
    bool first = false, emergency = false;
    for (uint32_t i = 0; i < settings->n_uplinks; i++) {
        first = first || !settings->uplinks[i].backup;
        emergency = emergency || (settings->uplinks[i].classes & (1u << GW_EMERGENCY));
    }
    if (settings->n_uplinks > 0 && !first)
        report_add(check->report, node_line(list), "uplinks: every one is a backup; one must not be");
    if (settings->n_uplinks > 0 && !emergency)
        report_add(check->report, node_line(list), "uplinks: none of them takes the class \"emergency\"");
}

void uplinks_read(struct check *check)
{
    const struct node *list = node_member(check->root, "uplinks");
    struct settings *settings = check->settings;
    unsigned n = table_list(list, UPLINKS_MAX, check->report);
    settings->uplinks = calloc(n ? n : 1, sizeof *settings->uplinks);
    if (!settings->uplinks) {
        check->out_of_memory = true;
        return;
    }
    settings->n_uplinks = n;
    for (unsigned i = 0; i < n; i++)
        read_uplink(check, list, i);
    check_emergencies(check, list);
}
