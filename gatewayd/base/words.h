/* words.h - times, values and flags as a technician reads them. Each function writes to out and returns it. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "reading.h"

#define WORDS_SIZE 96 /* enough for each of them */

/* "3 min ago", "just now", "2 days ago"; "never" if at is 0. */
char *words_ago(int64_t at, int64_t now, char *out);
/* "45 s", "3 min", "5 h 20 min", "2 days". */
char *words_span(int64_t ms, char *out);
/* Times are told in this zone from now on, the home's, as in the alerts' texts; "": the machine's. */
void words_zone(const char *zone);
/* Wall clock ms as local time: "2026-11-21 22:14:05". */
char *words_when(int64_t wall_ms, char *out);
/* The same as ISO 8601 with its offset and ms, for JSON. */
char *words_iso(int64_t wall_ms, char *out);
/* A level by its sensor's kind: "open", "occupied", "21.5 °C". kind: enum kind, or UINT16_MAX if it is not known. */
char *words_value(uint16_t kind, double value, char *out);
/* What a reading says: "open", "press", "battery 83 %", "lost". */
char *words_reading(uint16_t kind, const struct reading *reading, char *out);
/* "test, initial"; "" for none. */
char *words_flags(uint8_t flags, char *out);
/* "1.2 MiB" */
char *words_bytes(uint64_t bytes, char *out);
const char *words_type(uint8_t type);  /* "value", "event" ...; "?" */
const char *words_event(double value); /* "press" ...; "?" */
const char *words_mode(uint32_t mode); /* "home" ...; "?" */

#endif
