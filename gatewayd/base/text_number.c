/* Numbers, durations and times of day in text.h: what people and devices write, independent of the locale. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define DURATION_MAX (INT64_C(400) * 86400 * 1000)

struct unit {
    const char *name;
    int64_t ms;
};

/* Plurals are found by taking an 's' off the end. */
static const struct unit units[] = {
    {"ms", 1},       {"millisecond", 1}, {"s", 1000},         {"sec", 1000},   {"second", 1000},
    {"min", 60000},  {"minute", 60000},  {"h", 3600000},      {"hr", 3600000}, {"hour", 3600000},
    {"d", 86400000}, {"day", 86400000},  {"week", 604800000},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *text)
{
    while (is_digit(*text))
        text++;
    return text;
}

static const char *skip_spaces(const char *text)
{
    while (*text == ' ')
        text++;
    return text;
}

static int64_t unit_ms(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t unit = strlen(units[i].name);
        bool same = strncmp(units[i].name, name, unit) == 0;
        if (same && (length == unit || (unit > 2 && length == unit + 1 && name[unit] == 's')))
            return units[i].ms;
    }
    return 0;
}

/* "1.5" at *text to a number, *text behind it. At most 9 digits before and after the point. */
static bool plain_decimal(const char **text, double *value)
{
    const char *end = skip_digits(*text);
    if (end == *text || end - *text > 9)
        return false;
    double number = 0;
    for (const char *digit = *text; digit < end; digit++)
        number = number * 10 + (*digit - '0');
    if (*end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction);
        if (end == fraction || end - fraction > 9)
            return false;
        double part = 0, scale = 1;
        for (const char *digit = fraction; digit < end; digit++) {
            part = part * 10 + (*digit - '0');
            scale *= 10;
        }
        number += part / scale;
    }
    *text = end;
    *value = number;
    return true;
}

bool text_duration(const char *text, int64_t *ms)
{
    text = skip_spaces(text);
    if (strcmp(text, "never") == 0) {
        *ms = -1;
        return true;
    }
    double total = 0;
    int64_t unit_before = INT64_MAX;
    do { /* "1 h 30 min": parts with ever smaller units */
        double number = 0;
        if (!plain_decimal(&text, &number))
            return false;
        text = skip_spaces(text);
        size_t length = strcspn(text, " 0123456789.");
        int64_t unit = unit_ms(text, length);
        if (unit == 0 || unit >= unit_before)
            return false;
        total += number * (double)unit;
        unit_before = unit;
        text = skip_spaces(text + length);
    } while (*text != '\0');
    if (total > (double)DURATION_MAX)
        return false;
    *ms = (int64_t)llround(total);
    return true;
}

char *text_from_duration(int64_t ms, char *out, size_t size)
{
    static const struct unit parts[] = {{"day", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}};
    if (ms < 0) {
        text_copy(out, size, "never");
        return out;
    }
    if (ms == 0) {
        text_copy(out, size, "0 s");
        return out;
    }
    char text[128] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        long long count = ms / parts[i].ms;
        ms %= parts[i].ms;
        if (count == 0)
            continue;
        const char *plural = parts[i].ms == 86400000 && count > 1 ? "s" : "";
        int written = snprintf(text + used, sizeof(text) - used, "%s%lld %s%s", used > 0 ? " " : "", count,
                               parts[i].name, plural);
        used += (size_t)written;
    }
    text_copy(out, size, text);
    return out;
}

bool text_time_of_day(const char *text, int *minute)
{
    const char *colon = skip_digits(text);
    long hours_length = colon - text;
    if (hours_length < 1 || hours_length > 2 || *colon != ':')
        return false;
    const char *end = skip_digits(colon + 1);
    if (end - colon != 3 || *end != '\0')
        return false;
    int hour = hours_length == 1 ? text[0] - '0' : (text[0] - '0') * 10 + (text[1] - '0');
    int of_hour = (colon[1] - '0') * 10 + (colon[2] - '0');
    if (hour > 23 || of_hour > 59)
        return false;
    *minute = hour * 60 + of_hour;
    return true;
}

/* Is it [+-]digits[.digits][e[+-]digits]? Keeps hex, "inf" and "nan" away from strtod. */
static bool is_number(const char *text)
{
    if (*text == '+' || *text == '-')
        text++;
    const char *whole = text;
    text = skip_digits(text);
    long digits = text - whole;
    if (*text == '.') {
        const char *fraction = text + 1;
        text = skip_digits(fraction);
        digits += text - fraction;
    }
    if (digits == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        if (*text == '+' || *text == '-')
            text++;
        const char *exponent = text;
        text = skip_digits(exponent);
        if (text == exponent)
            return false;
    }
    return *text == '\0';
}

bool text_number(const char *text, double *value)
{
    if (!is_number(text))
        return false;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0)
        return false;
    double number = strtod_l(text, NULL, c);
    freelocale(c);
    if (!isfinite(number))
        return false;
    *value = number;
    return true;
}

char *text_from_number(double value, char *out, size_t size)
{
    char text[64];
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = c != (locale_t)0 ? uselocale(c) : (locale_t)0;
    if (fabs(value) < 1e15 && value == floor(value))
        snprintf(text, sizeof(text), "%.0f", value + 0.0); /* + 0.0: "-0" becomes "0" */
    else
        snprintf(text, sizeof(text), "%.6g", value);
    if (c != (locale_t)0) {
        uselocale(before);
        freelocale(c);
    }
    text_copy(out, size, text);
    return out;
}
