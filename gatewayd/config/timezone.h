/* timezone.h - is it a time zone of this machine? glibc takes any rubbish for UTC, and every night rule would be hours
 * off. */
#ifndef CONFIG_TIMEZONE_H
#define CONFIG_TIMEZONE_H

#include <stdbool.h>
#include <stddef.h>

/* False with what to do in `why`. */
bool timezone_ok(const char *name, char *why, size_t size);

#endif
