/* words.h - why the link is down, in a sentence that says what to do. */
#ifndef UPLINK_WORDS_H
#define UPLINK_WORDS_H

#include "base/frame.h"

/* Where a connection stood when it failed. */
enum words_phase { PHASE_TCP, PHASE_TLS, PHASE_LOGIN, PHASE_SESSION };

/* All write at most TEXT_SIZE bytes to out and return it. */
char *words_lookup(char *out, const struct frame_uplink_config *config, int eai_error);
char *words_errno(char *out, const struct frame_uplink_config *config, int error);
/* CONNACK: the return code of MQTT 3.1.1 (1 .. 5) or the reason code of MQTT 5 (>= 128). */
char *words_refused(char *out, const struct frame_uplink_config *config, int reason);
/* DISCONNECT from the broker (MQTT 5 reason code). */
char *words_disconnect(char *out, const struct frame_uplink_config *config, int reason);
/* Closed again and again soon after the login, without a reason. */
char *words_taken(char *out, const struct frame_uplink_config *config);
/* Nothing came within the deadline. */
char *words_silent(char *out, const struct frame_uplink_config *config, enum words_phase phase);
/* The connection was closed on us. */
char *words_closed(char *out, const struct frame_uplink_config *config, enum words_phase phase);

#endif
