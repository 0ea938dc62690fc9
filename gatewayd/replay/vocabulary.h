/* vocabulary.h - the words of recordings: "ON", "CLOSED", "PRESS", "21.5", as a reading's type and value. */
#ifndef REPLAY_VOCABULARY_H
#define REPLAY_VOCABULARY_H

#include <stdbool.h>
#include <stdint.h>

/* Ignoring case. kind: enum kind of the sensor, or KIND_COUNT for the home itself (HOME, AWAY, VISIT, MAINTENANCE).
 * False: a sensor of this kind can't say that. */
bool vocabulary_read(uint16_t kind, const char *word, uint8_t *type, double *value);

#endif
