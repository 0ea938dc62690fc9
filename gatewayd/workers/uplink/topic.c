#include "topic.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define ROOT      "care/v1/"
#define HOME_ROOT "care/v1/home/"

bool topic_home_valid(const char *home)
{
    int parts = 1;
    size_t part = 0;
    for (const char *at = home; *at; at++) {
        if (*at == '/') {
            if (part == 0)
                return false;
            parts++;
            part = 0;
        } else if ((unsigned char)*at <= ' ' || strchr("+#$", *at)) {
            return false;
        } else {
            part++;
        }
    }
    return parts == 4 && part > 0 && text_utf8(home, strlen(home));
}

char *topic_home(char out[TOPIC_SIZE], const char *home, const char *leaf)
{
    snprintf(out, TOPIC_SIZE, HOME_ROOT "%s%s%s", home, leaf ? "/" : "", leaf ? leaf : "");
    return out;
}

char *topic_alert(char out[TOPIC_SIZE], const char *home, const struct alert *alert)
{
    char kind[NAME_SIZE];
    text_copy(kind, sizeof kind, alert->kind[0] ? alert->kind : "unknown");
    for (char *c = kind; *c; c++)
        if ((unsigned char)*c <= ' ' || strchr("/+#$", *c))
            *c = '-';
    if (alert->flags & ALERT_REQUEST)
        snprintf(out, TOPIC_SIZE, HOME_ROOT "%s/request/%s", home, kind);
    else if (alert->flags & ALERT_VISIT)
        snprintf(out, TOPIC_SIZE, HOME_ROOT "%s/visit", home);
    else
        snprintf(out, TOPIC_SIZE, HOME_ROOT "%s/alert/%s/%s", home, alert_class_name(alert->class_), kind);
    return out;
}

const char *topic_verb(const char *topic, const char *home)
{
    char root[TOPIC_SIZE];
    topic_home(root, home, "cmd/");
    size_t n = strlen(root);
    if (strncmp(topic, root, n) != 0 || strchr(topic + n, '/'))
        return NULL;
    return topic + n;
}

bool topic_reply_allowed(const char *topic, const char *home)
{
    size_t length = strlen(topic);
    if (length >= TOPIC_SIZE || strncmp(topic, ROOT, strlen(ROOT)) != 0 || length == strlen(ROOT) ||
        strpbrk(topic, "+#") || !text_utf8(topic, length))
        return false;
    if (strncmp(topic, HOME_ROOT, strlen(HOME_ROOT)) != 0)
        return true;
    char root[TOPIC_SIZE];
    topic_home(root, home, "cmd/");
    if (strncmp(topic, root, strlen(root)) != 0)
        return false;
    const char *rest = strchr(topic + strlen(root), '/');
    return rest && strncmp(rest, "/reply", 6) == 0 && (rest[6] == '\0' || rest[6] == '/');
}
