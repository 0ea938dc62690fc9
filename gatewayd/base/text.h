/* text.h - bounded strings, UTF-8, durations and times of day as people write them. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copy src with its NUL, cut at a UTF-8 character's border. False if it was cut. src may be NULL: "". */
bool text_copy(char *dst, size_t size, const char *src);
/* Make valid text of any string, in place: each byte that is none becomes '?', a character that is cut at the end is
 * left out. */
void text_clean(char *text);
/* The same for one line: tab and newline become '?' too. */
void text_clean_line(char *text);
/* Is the array NUL-terminated within size and valid UTF-8 without control characters other than tab and newline? */
bool text_valid(const char *array, size_t size);
/* Valid UTF-8 of exactly size bytes, no NUL. */
bool text_utf8(const char *data, size_t size);
/* [a-z0-9][a-z0-9._-]*, shorter than NAME_SIZE: a name that may stand in a topic and in a file name. */
bool text_is_name(const char *text);

/* "50 ms", "30 s", "45 min", "2 h", "1 day", "1.5 h", "never"; also without the space, and plurals. False if it is none
 * of these, or negative, or beyond 400 days. *ms is -1 for "never". */
bool text_duration(const char *text, int64_t *ms);
/* ms to "45 min", "1 h 30 min", "50 ms"; "never" for -1. Returns out. */
char *text_from_duration(int64_t ms, char *out, size_t size);
/* "7:05" or "22:30" (00:00 to 23:59) to minutes of the day. */
bool text_time_of_day(const char *text, int *minute);
/* A whole finite number, nothing behind it; independent of the locale. */
bool text_number(const char *text, double *value);
/* The candidate nearest to word (Damerau-Levenshtein, at most a third of its length, at least 1), or NULL. */
const char *text_nearest(const char *word, const char *const candidates[], size_t n);
/* Does the space-separated list hold the word? */
bool text_list_has(const char *list, const char *word);
/* Does a role's list of sensor kinds ("contact motion", "*": any) take this kind? */
bool text_kinds_take(const char *kinds, const char *kind);

/* Number with the shortest text that reads back the same within 6 digits: "21.5", "1". Returns out. */
char *text_from_number(double value, char *out, size_t size);

#endif
