/* plugin_words.h - a plugin's parameters in words, for gatewayctl plugins and the manual gatewayd-plugins(7). */
#ifndef CTL_PLUGIN_WORDS_H
#define CTL_PLUGIN_WORDS_H

#include <stddef.h>

#include "base/frame.h"

/* "duration", "choice" ...; "?" for a type we do not know. */
const char *plugin_type_name(uint32_t type);
/* "1 min to 2 h, never", "all mon-fri"; "" where there is no range. Returns out. */
char *plugin_range(const struct frame_plugin_param *param, char *out, size_t size);

#endif
