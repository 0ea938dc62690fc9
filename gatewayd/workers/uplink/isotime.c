#include "isotime.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

char *isotime_from_ms(int64_t wall_ms, char out[ISOTIME_SIZE])
{
    int64_t ms = wall_ms < 0 ? 0 : wall_ms > LAST_MS ? LAST_MS : wall_ms;
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t n = strftime(out, ISOTIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, ISOTIME_SIZE - n, ".%03dZ", (int)(ms % 1000));
    return out;
}

/* n digits at *at, at most `max`; -1 if there are none. */
static int digits(const char **at, int n, int max)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9')
            return -1;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += n;
    return value <= max ? value : -1;
}

static bool skip(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static int fraction(const char **at)
{
    int ms = 0;
    for (int scale = 100; **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
        ms += (**at - '0') * scale;
    return ms;
}

/* Offset in minutes from "Z" or "+08:00" at the end of the text. */
static bool zone(const char *at, int *minutes)
{
    *minutes = 0;
    if (strcmp(at, "Z") == 0)
        return true;
    int sign = *at == '-' ? -1 : 1;
    if (*at != '+' && *at != '-')
        return false;
    at++;
    int hour = digits(&at, 2, 14);
    if (hour < 0 || !skip(&at, ':'))
        return false;
    int minute = digits(&at, 2, 59);
    *minutes = sign * (hour * 60 + minute);
    return minute >= 0 && *at == '\0';
}

bool isotime_to_ms(const char *text, int64_t *wall_ms)
{
    const char *at = text;
    struct tm tm = {0};
    int year = digits(&at, 4, 9999);
    if (year < 1970 || !skip(&at, '-'))
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = digits(&at, 2, 12) - 1;
    if (tm.tm_mon < 0 || !skip(&at, '-'))
        return false;
    tm.tm_mday = digits(&at, 2, 31);
    if (tm.tm_mday < 1 || !skip(&at, 'T'))
        return false;
    tm.tm_hour = digits(&at, 2, 23);
    if (tm.tm_hour < 0 || !skip(&at, ':'))
        return false;
    tm.tm_min = digits(&at, 2, 59);
    if (tm.tm_min < 0 || !skip(&at, ':'))
        return false;
    tm.tm_sec = digits(&at, 2, 60);
    if (tm.tm_sec < 0)
        return false;
    int ms = skip(&at, '.') ? fraction(&at) : 0;
    int offset;
    if (!zone(at, &offset))
        return false;
    *wall_ms = ((int64_t)timegm(&tm) - (int64_t)offset * 60) * 1000 + ms;
    return true;
}
