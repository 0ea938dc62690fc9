/* print.h - alerts as text for people, or as JSON for programs: one document a line. */
#ifndef REPLAY_PRINT_H
#define REPLAY_PRINT_H

#include <stdio.h>

#include "alerts.h"
#include "options.h"

/* One block: local time, class, detector and kind; title and sentence; limit, times, evidence. */
void print_text(FILE *out, const struct told *told, enum replay_language language);
/* One line. `only`: "a" or "b" in a comparison, NULL else. */
void print_json(FILE *out, const struct told *told, const char *only);
/* A text as a JSON string with its quotes. */
void print_json_text(FILE *out, const char *text);
/* "2026-11-21 22:14:05" in the home's zone, of log time. Returns out (WORDS_SIZE). */
char *print_when(const struct told *told, int64_t at, char *out);

#endif
