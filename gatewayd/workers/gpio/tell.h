/* tell.h - what a technician should know of the lines: trouble at its onset and end, and notes that count losses. */
#ifndef GPIO_TELL_H
#define GPIO_TELL_H

#include "table.h"

/* The chip can't be used (LINES_NO_CHIP, LINES_NO_ACCESS), or can again (LINES_OK). Told once per onset. */
void tell_chip(struct chip *chip, enum lines_fault fault);
/* The same of one line on a chip that is there. error: errno. */
void tell_line(struct entry *entry, enum lines_fault fault, int error);
/* A line that was held has gone; for the log only, as its chip or itself is trouble at the next try. */
void tell_lost(const struct entry *entry, int error);
/* Send what was lost and coalesced since the last note, at most once a second. */
void tell_notes(struct entry *entry, int64_t now);
bool tell_notes_wanted(const struct entry *entry);
/* The rings can't be opened; error 0: they can again. */
void tell_rings(const char *folder, int error);
/* Levels that gave way because the core did not take any for too long. */
void tell_dropped(uint32_t readings);

#endif
