#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "value.h"

#define NAMES_MAX 128 /* candidates for the nearest key */

const struct key *table_key(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->n; i++)
        if (strcmp(table->keys[i].name, name) == 0)
            return &table->keys[i];
    return NULL;
}

unsigned table_line(const struct node *group, const char *member)
{
    const struct node *node = node_member(group, member);
    return node ? node_line(node) : group ? node_line(group) : 1;
}

void table_wrong(const struct node *node, struct report *report, const char *format, ...)
{
    char message[TEXT_SIZE * 2];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    report_add(report, node_line(node), "%s%s%s", node_name(node), *node_name(node) ? ": " : "", message);
}

static void say_unknown(const char *place, const struct node *node, const char *const names[], size_t n,
                        struct report *report)
{
    const char *nearest = text_nearest(node_name(node), names, n);
    if (nearest) {
        report_add(report, node_line(node), "unknown key \"%s\" in %s; did you mean \"%s\"?", node_name(node), place,
                   nearest);
        return;
    }
    char all[TEXT_SIZE] = "";
    size_t used = 0;
    for (size_t i = 0; i < n && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    report_add(report, node_line(node), "unknown key \"%s\" in %s; known are: %s", node_name(node), place, all);
}

void table_unknown(const struct table *table, const struct node *node, const char *const more[], size_t n_more,
                   struct report *report)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < table->n && n < NAMES_MAX; i++)
        names[n++] = table->keys[i].name;
    for (size_t i = 0; i < n_more && n < NAMES_MAX; i++)
        names[n++] = more[i];
    say_unknown(table->name, node, names, n, report);
}

/* Is the value's type what the key asks for? "17" for 17 is told apart: it is the usual slip. */
static bool type_fits(const struct key *key, const struct node *node, struct report *report)
{
    static const char *const wanted[] = {[KEY_NAME] = "a name in quotes",
                                         [KEY_TEXT] = "a text in quotes",
                                         [KEY_WORD] = "a text in quotes",
                                         [KEY_PATH] = "a path in quotes",
                                         [KEY_TOPIC] = "a topic in quotes",
                                         [KEY_NUMBER] = "a whole number without quotes",
                                         [KEY_FLAG] = "true or false",
                                         [KEY_DURATION] = "a duration in quotes with its unit, such as \"30 s\"",
                                         [KEY_CHOICE] = "a text in quotes",
                                         [KEY_KIND] = "a kind in quotes",
                                         [KEY_GROUP] = "a group { key = value; }",
                                         [KEY_LIST] = "a list ( { ... }, { ... } )"};
    enum node_type type = node_type(node);
    bool fits = type == NODE_TEXT;
    if (key->type == KEY_NUMBER)
        fits = type == NODE_NUMBER;
    else if (key->type == KEY_FLAG)
        fits = type == NODE_FLAG;
    else if (key->type == KEY_GROUP)
        fits = type == NODE_GROUP;
    else if (key->type == KEY_LIST)
        fits = type == NODE_LIST;
    else if (key->type == KEY_WORD || key->type == KEY_CHOICE)
        fits = type == NODE_TEXT || type == NODE_NUMBER || type == NODE_FLAG || type == NODE_REAL;
    if (!fits)
        table_wrong(node, report, "expected %s, not %s", wanted[key->type], node_type_name(node));
    return fits;
}

static bool read_key(const struct key *key, const struct node *node, void *base, struct report *report)
{
    if (key->type == KEY_OWN)
        return true;
    if (!type_fits(key, node, report))
        return false;
    if (key->type == KEY_GROUP || key->type == KEY_LIST)
        return true;
    char text[SETTING_SIZE], why[TEXT_SIZE];
    if (!node_scalar(node, text, sizeof text)) {
        table_wrong(node, report, "the text is too long");
        return false;
    }
    if (value_put(key, text, (char *)base + key->offset, why, sizeof why))
        return true;
    table_wrong(node, report, "%s", why);
    return false;
}

static bool is_missing(const struct table *table, const struct key *key, const struct node *group,
                       struct report *report)
{
    if (!key->required || !group || node_member(group, key->name))
        return false;
    report_add(report, node_line(group) ? node_line(group) : 1, "%s: %s is missing: %s", table->name, key->name,
               key->doc);
    return true;
}

bool table_read(const struct table *table, const struct node *group, void *base, struct report *report)
{
    bool ok = true;
    char why[TEXT_SIZE];
    for (size_t i = 0; i < table->n; i++)
        if (table->keys[i].fallback)
            value_put(&table->keys[i], table->keys[i].fallback, (char *)base + table->keys[i].offset, why, sizeof why);
    if (!group)
        return true;
    if (node_type(group) != NODE_GROUP) {
        if (!*node_name(group)) /* else it is reported as a key of its own group */
            table_wrong(group, report, "expected a group { key = value; } in %s, not %s", table->name,
                        node_type_name(group));
        return false;
    }
    for (unsigned i = 0; i < node_count(group); i++) {
        const struct node *node = node_child(group, i);
        const struct key *key = table_key(table, node_name(node));
        if (key) {
            ok = read_key(key, node, base, report) && ok;
        } else if (!table->open) {
            table_unknown(table, node, NULL, 0, report);
            ok = false;
        }
    }
    for (size_t i = 0; i < table->n; i++)
        ok = !is_missing(table, &table->keys[i], group, report) && ok;
    return ok;
}

unsigned table_list(const struct node *node, unsigned most, struct report *report)
{
    if (!node || node_type(node) != NODE_LIST)
        return 0; /* the root's table has reported it */
    unsigned n = node_count(node);
    if (n <= most)
        return n;
    table_wrong(node, report, "%u are too many: at most %u", n, most);
    return 0;
}

void table_unique(const struct node *list, unsigned i, const char *names, size_t stride, struct report *report)
{
    const char *name = names + i * stride;
    for (unsigned k = 0; k < i && *name; k++) {
        if (strcmp(names + k * stride, name) != 0)
            continue;
        char where[TEXT_SIZE];
        report_where(report, table_line(node_child(list, k), "name"), where, sizeof where);
        report_add(report, table_line(node_child(list, i), "name"),
                   "the name \"%s\" is taken already at %s: every one of the %s needs its own", name, where,
                   node_name(list));
        return;
    }
}
