/* general.c - the groups that stand once: home, contact, control, supervision, plugin_dir, store, mqtt. */
#include <grp.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "check.h"
#include "timezone.h"

static const struct key home_keys[] = {
    {.name = "county",
     .type = KEY_NAME,
     .required = true,
     FIELD(struct settings, county),
     .doc = "first part of the home path"},
    {.name = "town",
     .type = KEY_NAME,
     .required = true,
     FIELD(struct settings, town),
     .doc = "second part of the home path"},
    {.name = "village",
     .type = KEY_NAME,
     .required = true,
     FIELD(struct settings, village),
     .doc = "third part of the home path"},
    {.name = "id",
     .type = KEY_NAME,
     .required = true,
     FIELD(struct settings, home),
     .doc = "the home's own name or number"},
    {.name = "timezone",
     .type = KEY_TEXT,
     .required = true,
     FIELD(struct settings, timezone),
     .doc = "such as \"Asia/Shanghai\""},
};
const struct table home_table = TABLE("home", home_keys);

static const struct key contact_keys[] = {
    {.name = "hotline",
     .type = KEY_TEXT,
     FIELD(struct settings, hotline),
     .doc = "number to call, goes into every emergency"},
    {.name = "family",
     .type = KEY_TEXT,
     FIELD(struct settings, family),
     .doc = "a relative's number, goes into every emergency"},
};
const struct table contact_table = TABLE("contact", contact_keys);

static const struct key control_keys[] = {
    {.name = "group", .type = KEY_TEXT, FIELD(struct settings, control_group), .doc = "group that may use gatewayctl"},
};
const struct table control_table = TABLE("control", control_keys);

static const struct key supervision_keys[] = {
    {.name = "sensors",
     .type = KEY_FLAG,
     FIELD(struct settings, supervised),
     .fallback = "true",
     .doc = "a detector of the plugin sensor watches all of them, also where none is configured"},
    {.name = "daily_test",
     .type = KEY_FLAG,
     FIELD(struct settings, daily_test),
     .fallback = "true",
     .doc = "a silent test alarm a day, which the platform must accept"},
};
const struct table supervision_table = TABLE("supervision", supervision_keys);

static const struct key store_keys[] = {
    {.name = "directory",
     .type = KEY_PATH,
     FIELD(struct frame_store_config, directory),
     .doc = "where the databases are"},
    /* ten weeks: detectors that learn a home's habits look at eight */
    {.name = "history_days",
     .type = KEY_NUMBER,
     FIELD(struct frame_store_config, history_days),
     .minimum = 1,
     .maximum = 3650,
     .fallback = "70",
     .doc = "how long readings are kept"},
    /* twenty lively sensors for ten weeks need about half of it; an 8 GB card has room for it many times over */
    {.name = "history_mib",
     .type = KEY_NUMBER,
     FIELD(struct frame_store_config, history_mib),
     .minimum = 16,
     .maximum = 65536,
     .fallback = "256",
     .doc = "bound of the readings' database in MiB"},
    /* one synced write per batch: 5 s is 17 000 a day, which a card bears for years; urgent readings never wait for it
     */
    {.name = "batch",
     .type = KEY_DURATION,
     FIELD(struct frame_store_config, batch_ms),
     .minimum = 100,
     .maximum = 60000,
     .unit = 1,
     .fallback = "5 s",
     .doc = "readings are written at least this often"},
};
const struct table store_table = TABLE("store", store_keys);

static const struct key broker_keys[] = {
    {.name = "host",
     .type = KEY_TEXT,
     .required = true,
     FIELD(struct frame_broker, host),
     .doc = "the broker's name or address"},
    {.name = "port",
     .type = KEY_NUMBER,
     FIELD(struct frame_broker, port),
     .minimum = 1,
     .maximum = 65535,
     .doc = "1883, with ca 8883"},
    {.name = "username", .type = KEY_TEXT, FIELD(struct frame_broker, username), .doc = "if the broker asks for it"},
    {.name = "password", .type = KEY_TEXT, FIELD(struct frame_broker, password), .doc = "if the broker asks for it"},
    {.name = "client_id", .type = KEY_NAME, FIELD(struct frame_broker, client_id), .doc = "stem of the two client ids"},
    {.name = "ca", .type = KEY_PATH, FIELD(struct frame_broker, ca), .doc = "CA certificates: TLS"},
    {.name = "cert", .type = KEY_PATH, FIELD(struct frame_broker, cert), .doc = "our certificate"},
    {.name = "key", .type = KEY_PATH, FIELD(struct frame_broker, key), .doc = "our certificate's key"},
    /* a held PUBACK may last half a keepalive; shorter than 10 s and a slow disk would cost the session */
    {.name = "keepalive",
     .type = KEY_DURATION,
     FIELD(struct frame_broker, keepalive_s),
     .minimum = 5000,
     .maximum = 3600000,
     .unit = 1000,
     .fallback = "60 s",
     .doc = "a silent connection is given up after one and a half of it"},
};
const struct table broker_table = TABLE("mqtt", broker_keys);

#define URGENT_SUFFIX "-urgent" /* the longer one of what the worker adds */

static void read_home(struct check *check)
{
    const struct node *group = node_member(check->root, "home");
    struct settings *settings = check->settings;
    table_read(&home_table, group, settings, check->report);
    char why[TEXT_SIZE];
    if (*settings->timezone && !timezone_ok(settings->timezone, why, sizeof why))
        report_add(check->report, table_line(group, "timezone"), "timezone: %s", why);
}

static void read_control(struct check *check)
{
    const struct node *group = node_member(check->root, "control");
    const char *name = check->settings->control_group;
    table_read(&control_table, group, check->settings, check->report);
    if (*name && check_is_strict(check) && !getgrnam(name))
        report_add(check->report, table_line(group, "group"),
                   "group: this machine has no group \"%s\"; make it with: groupadd --system %s", name, name);
}

static void read_store(struct check *check)
{
    struct frame_store_config *store = &check->settings->store;
    const char *directory = check->options->state_dir;
    text_copy(store->directory, sizeof store->directory, directory ? directory : "/var/lib/gatewayd");
    table_read(&store_table, node_member(check->root, "store"), store, check->report);
}

static void read_broker(struct check *check)
{
    const struct node *group = node_member(check->root, "mqtt");
    struct frame_broker *broker = &check->settings->mqtt;
    table_read(&broker_table, group, broker, check->report);
    check->settings->has_mqtt = group != NULL;
    if (!group)
        return;
    if (broker->port == 0)
        broker->port = *broker->ca ? 8883 : 1883;
    if (*broker->password && !*broker->username)
        report_add(check->report, table_line(group, "password"), "password: without username the broker ignores it");
    check_certificate(check, group, broker->ca, broker->cert, broker->key);
    size_t most = sizeof broker->client_id - sizeof URGENT_SUFFIX;
    if (strlen(broker->client_id) > most)
        report_add(check->report, table_line(group, "client_id"), "client_id: at most %zu characters", most);
    /* The same at every start: the broker keeps a session, with what came meanwhile, for this name. */
    const char *home = check->settings->home;
    if (!*broker->client_id && strlen(home) + strlen("gatewayd-") <= most)
        snprintf(broker->client_id, sizeof broker->client_id, "gatewayd-%s", home);
    else if (!*broker->client_id)
        snprintf(broker->client_id, sizeof broker->client_id, "gatewayd-%016llx",
                 (unsigned long long)hash_text(HASH_START, home));
}

void general_read(struct check *check)
{
    struct settings *settings = check->settings;
    read_home(check);
    table_read(&contact_table, node_member(check->root, "contact"), settings, check->report);
    read_control(check);
    table_read(&supervision_table, node_member(check->root, "supervision"), settings, check->report);
    read_store(check);
    read_broker(check);
}
