/* command.h - what a platform may order: checked and bounded before the core sees it. Pure. */
#ifndef UPLINK_COMMAND_H
#define UPLINK_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/frame.h"

#define COMMAND_BYTES_MAX 4096u

struct command_input {
    const char *verb; /* last part of the topic */
    const void *payload;
    size_t size;
    bool retained;
    bool expired;     /* by MQTT 5 message expiry */
    bool wall_known;  /* the clock is synchronised: "expires" is judged */
    int64_t wall_now; /* ms */
};

/* Fill verb, rev, alert, by and note of *command (token is the caller's). False: refused; *why (size TEXT_SIZE) says in
 * words what was wrong, and *command holds no more than what was read of verb and alert, for the answer. */
bool command_parse(const struct command_input *input, struct frame_command *command, char why[TEXT_SIZE]);
/* "accept" ...; "?" for an unknown one. */
const char *command_verb_name(uint32_t verb);

#endif
