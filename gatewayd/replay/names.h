/* names.h - which sensor of the configuration a recording means: by the sensor's name, else its GPIO line's name, else
 * the last part of its MQTT topic; all ignoring the case of ASCII letters. */
#ifndef REPLAY_NAMES_H
#define REPLAY_NAMES_H

#include "core/settings.h"

struct names;

#define NAMES_NONE      (-1) /* no sensor of this configuration */
#define NAMES_AMBIGUOUS (-2) /* two sensors of the same line or topic name */
#define NAMES_HOME      (-3) /* "home": the home itself */

/* NULL: out of memory. settings are borrowed. */
struct names *names_create(const struct settings *settings);
void names_destroy(struct names *names); /* NULL is legal */
/* Place of the sensor in settings->sensors, or NAMES_*. Takes no memory. */
int names_find(const struct names *names, const char *id);

#endif
