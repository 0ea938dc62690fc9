#include "value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/kinds.h"
#include "base/text.h"

static bool number_put(const struct key *key, const char *text, void *field, char *why, size_t size)
{
    double value = 0;
    if (!text_number(text, &value) || value < key->minimum || value > key->maximum) {
        snprintf(why, size, "expected a number from %.0f to %.0f, not %s", key->minimum, key->maximum, text);
        return false;
    }
    uint32_t number = (uint32_t)value;
    memcpy(field, &number, sizeof number);
    return true;
}

static bool duration_put(const struct key *key, const char *text, void *field, char *why, size_t size)
{
    int64_t ms = 0;
    if (!text_duration(text, &ms)) {
        snprintf(why, size,
                 "expected a duration with its unit such as \"50 ms\", \"30 s\", \"45 min\" or \"2 h\", not "
                 "\"%.40s\"",
                 text);
        return false;
    }
    if ((double)ms < key->minimum || (double)ms > key->maximum) {
        char low[48], high[48];
        snprintf(why, size, "expected a duration from %s to %s, not \"%.40s\"",
                 text_from_duration((int64_t)key->minimum, low, sizeof low),
                 text_from_duration((int64_t)key->maximum, high, sizeof high), text);
        return false;
    }
    uint32_t units = (uint32_t)(ms / key->unit);
    memcpy(field, &units, sizeof units);
    return true;
}

static bool choice_put(const struct key *key, const char *text, void *field, char *why, size_t size)
{
    uint32_t n = 0;
    while (key->choices[n] && strcmp(key->choices[n], text) != 0)
        n++;
    if (key->choices[n]) {
        uint16_t small = (uint16_t)n;
        memcpy(field, key->size == sizeof small ? (const void *)&small : (const void *)&n, key->size);
        return true;
    }
    const char *nearest = text_nearest(text, key->choices, n);
    size_t used = (size_t)snprintf(why, size, "\"%.40s\" is none of", text);
    for (n = 0; key->choices[n] && used < size; n++)
        used += (size_t)snprintf(why + used, size - used, "%s \"%s\"", n ? "," : "", key->choices[n]);
    if (nearest && used < size)
        snprintf(why + used, size - used, "; did you mean \"%s\"?", nearest);
    return false;
}

static bool kind_put(const char *text, void *field, char *why, size_t size)
{
    enum kind kind = kind_by_name(text);
    if (kind < KIND_COUNT) {
        uint16_t value = (uint16_t)kind;
        memcpy(field, &value, sizeof value);
        return true;
    }
    const char *names[KIND_COUNT];
    size_t used = (size_t)snprintf(why, size, "there is no kind \"%.40s\";", text);
    for (kind = 0; kind < KIND_COUNT; kind++)
        names[kind] = kind_info(kind)->name;
    const char *nearest = text_nearest(text, names, KIND_COUNT);
    if (nearest) {
        snprintf(why + used, size - used, " did you mean \"%s\"?", nearest);
        return false;
    }
    for (kind = 0; kind < KIND_COUNT && used < size; kind++)
        used += (size_t)snprintf(why + used, size - used, "%s %s", kind ? "," : " known are", names[kind]);
    return false;
}

static bool flag_put(const struct key *key, const char *text, void *field)
{
    uint32_t value = strcmp(text, "true") == 0;
    bool flag = value != 0;
    memcpy(field, key->size == sizeof flag ? (const void *)&flag : (const void *)&value, key->size);
    return true;
}

static const char *topic_fault(const char *text)
{
    if (strpbrk(text, "+#"))
        return "a topic of one sensor has no wildcards + or #";
    if (text[0] == '$')
        return "topics with $ are the broker's own";
    if (text[0] == '/' || strstr(text, "//") || text[strlen(text) - 1] == '/')
        return "an empty level: / at the beginning, at the end or twice";
    return NULL;
}

/* What the type asks of a text; NULL: it is right. */
static const char *text_fault(const struct key *key, const char *text)
{
    if (!text_utf8(text, strlen(text)))
        return "the text is not UTF-8: save the file as UTF-8";
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return "the text holds a control character";
    if (!*text)
        return "the text is empty: remove the key, or give it a value";
    if (key->type == KEY_NAME && !text_is_name(text))
        return "a name has small letters a-z, digits, - . _ only, begins with a letter or digit and is shorter than 48";
    if (key->type == KEY_PATH && text[0] != '/')
        return "the path must begin with /";
    if (key->type == KEY_TOPIC)
        return topic_fault(text);
    return NULL;
}

static bool text_put(const struct key *key, const char *text, void *field, char *why, size_t size)
{
    const char *fault = text_fault(key, text);
    if (!fault && strlen(text) >= key->size) {
        snprintf(why, size, "the text is too long: %zu bytes, at most %zu (a Chinese character has 3)", strlen(text),
                 key->size - 1);
        return false;
    }
    if (fault) {
        snprintf(why, size, "%s (\"%.60s\")", fault, text);
        return false;
    }
    return text_copy(field, key->size, text);
}

bool value_put(const struct key *key, const char *text, void *field, char *why, size_t size)
{
    switch (key->type) {
    case KEY_NUMBER:
        return number_put(key, text, field, why, size);
    case KEY_DURATION:
        return duration_put(key, text, field, why, size);
    case KEY_CHOICE:
        return choice_put(key, text, field, why, size);
    case KEY_KIND:
        return kind_put(text, field, why, size);
    case KEY_FLAG:
        return flag_put(key, text, field);
    default:
        return text_put(key, text, field, why, size);
    }
}
