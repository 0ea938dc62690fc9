/* value.h - one value, as text, checked and put into its field: the same way from a file and from a table's default. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "table.h"

/* False with what would be right in `why`; the field is not touched then. */
bool value_put(const struct key *key, const char *text, void *field, char *why, size_t size);

#endif
