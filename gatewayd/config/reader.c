#include "reader.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct reader {
    config_t config;
};

static const config_setting_t *setting(const struct node *node)
{
    return (const config_setting_t *)node;
}

static const struct node *as_node(const config_setting_t *setting)
{
    return (const struct node *)setting;
}

/* What libconfig says, and what to do about it. */
static const char *advice(const char *error)
{
    if (!error)
        return "can't be read";
    if (strstr(error, "duplicate"))
        return "this key stands twice in the same group: remove one of them";
    if (strstr(error, "mismatched"))
        return "the values between [ and ] must all be of the same type";
    if (strstr(error, "memory"))
        return "too many brackets in each other";
    return "syntax error here or just before: every key needs = and a value, groups in a list are separated by a "
           "comma, "
           "texts stand in quotes";
}

struct reader *reader_parse(const char *text, const char **error, unsigned *line)
{
    struct reader *reader = calloc(1, sizeof *reader);
    *error = "out of memory";
    *line = 0;
    if (!reader)
        return NULL;
    config_init(&reader->config);
    if (config_read_string(&reader->config, text) == CONFIG_TRUE)
        return reader;
    *error = advice(config_error_text(&reader->config));
    *line = config_error_line(&reader->config) > 0 ? (unsigned)config_error_line(&reader->config) : 0;
    reader_free(reader);
    return NULL;
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    config_destroy(&reader->config);
    free(reader);
}

const struct node *reader_root(const struct reader *reader)
{
    return as_node(config_root_setting(&reader->config));
}

enum node_type node_type(const struct node *node)
{
    switch (config_setting_type(setting(node))) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return NODE_NUMBER;
    case CONFIG_TYPE_FLOAT:
        return NODE_REAL;
    case CONFIG_TYPE_STRING:
        return NODE_TEXT;
    case CONFIG_TYPE_BOOL:
        return NODE_FLAG;
    case CONFIG_TYPE_ARRAY:
        return NODE_ARRAY;
    case CONFIG_TYPE_LIST:
        return NODE_LIST;
    default:
        return NODE_GROUP;
    }
}

const char *node_type_name(const struct node *node)
{
    static const char *const names[] = {"a whole number", "a number with a point", "a text in quotes",
                                        "true or false",  "a group { }",           "a list of values in [ ]",
                                        "a list ( )"};
    return names[node_type(node)];
}

const char *node_name(const struct node *node)
{
    const char *name = config_setting_name(setting(node));
    return name ? name : "";
}

unsigned node_line(const struct node *node)
{
    const config_setting_t *parent = config_setting_parent(setting(node));
    if (parent && config_setting_type(parent) == CONFIG_TYPE_ARRAY)
        return config_setting_source_line(parent);
    return config_setting_source_line(setting(node));
}

unsigned node_count(const struct node *node)
{
    if (!node || !config_setting_is_aggregate(setting(node)))
        return 0;
    int n = config_setting_length(setting(node));
    return n > 0 ? (unsigned)n : 0;
}

const struct node *node_child(const struct node *node, unsigned i)
{
    return i < node_count(node) ? as_node(config_setting_get_elem(setting(node), i)) : NULL;
}

const struct node *node_member(const struct node *node, const char *name)
{
    if (!node || node_type(node) != NODE_GROUP)
        return NULL;
    return as_node(config_setting_get_member(setting(node), name));
}

bool node_scalar(const struct node *node, char *out, size_t size)
{
    int length = 0;
    char number[64];
    switch (node_type(node)) {
    case NODE_NUMBER:
        length = snprintf(out, size, "%lld", config_setting_get_int64(setting(node)));
        return length > 0 && (size_t)length < size;
    case NODE_REAL:
        return text_copy(out, size, text_from_number(config_setting_get_float(setting(node)), number, sizeof number));
    case NODE_FLAG:
        return text_copy(out, size, config_setting_get_bool(setting(node)) ? "true" : "false");
    case NODE_TEXT:
        return text_copy(out, size, config_setting_get_string(setting(node)));
    default:
        return false;
    }
}
