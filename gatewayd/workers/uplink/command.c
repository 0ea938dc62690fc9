#include "command.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "isotime.h"

static const char *const verbs[VERB_COUNT] = {"?", "accept", "ack", "close", "status", "test", "mode", "message"};

#define VERBS_TEXT "accept, ack, close, status, test, mode, message"

const char *command_verb_name(uint32_t verb)
{
    return verb < VERB_COUNT ? verbs[verb] : verbs[0];
}

__attribute__((format(printf, 2, 3))) static bool refuse(char why[TEXT_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char text[TEXT_SIZE];
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_copy(why, TEXT_SIZE, text);
    return false;
}

static bool read_id(const cJSON *body, uint64_t *id, char why[TEXT_SIZE])
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "id"));
    if (!text || strlen(text) != 16 || strspn(text, "0123456789abcdefABCDEF") != 16 ||
        sscanf(text, "%16" SCNx64, id) != 1 || *id == 0) {
        *id = 0;
        return refuse(why, "\"id\" must be the alert's id: a string of 16 hexadecimal digits");
    }
    return true;
}

static bool read_rev(const cJSON *body, uint32_t *rev, char why[TEXT_SIZE])
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, "rev");
    *rev = 0;
    if (!item)
        return true;
    double value = cJSON_IsNumber(item) ? item->valuedouble : -1;
    if (!(value >= 0 && value <= UINT32_MAX) || floor(value) != value)
        return refuse(why, "\"rev\" must be a whole number, 0 or more");
    *rev = (uint32_t)value;
    return true;
}

/* A string of fewer than `size` bytes without control characters. */
static bool read_text(const cJSON *body, const char *name, bool required, char *out, size_t size, char why[TEXT_SIZE])
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, name);
    out[0] = '\0';
    if (!item && !required)
        return true;
    const char *text = cJSON_GetStringValue(item);
    if (!text || (required && !text[0]))
        return refuse(why, "\"%s\" must be %sa string", name, required ? "given as " : "");
    if (strlen(text) >= size)
        return refuse(why, "\"%s\" is too long: at most %zu bytes", name, size - 1);
    text_copy(out, size, text);
    if (!text_valid(out, size)) {
        out[0] = '\0';
        return refuse(why, "\"%s\" holds control characters", name);
    }
    return true;
}

static bool check_expiry(const cJSON *body, const struct command_input *input, char why[TEXT_SIZE])
{
    if (input->expired)
        return refuse(why, "the command has expired");
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, "expires");
    if (!item)
        return true;
    int64_t wall = 0;
    if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 253402300800.0)
        wall = (int64_t)(item->valuedouble * 1000.0);
    else if (!cJSON_IsString(item) || !isotime_to_ms(item->valuestring, &wall))
        return refuse(why, "\"expires\" must be a time (2026-01-31T12:00:00Z) or Unix seconds");
    if (input->wall_known && wall <= input->wall_now)
        return refuse(why, "the command has expired");
    return true;
}

static bool read_mode(const cJSON *body, struct frame_command *command, char why[TEXT_SIZE])
{
    if (!read_text(body, "mode", true, command->note, sizeof command->note, why))
        return false;
    if (!text_list_has("home away visit maintenance", command->note)) {
        command->note[0] = '\0';
        return refuse(why, "\"mode\" must be home, away, visit or maintenance");
    }
    char lasts[NAME_SIZE];
    if (!read_text(body, "for", false, lasts, sizeof lasts, why) ||
        !read_text(body, "by", false, command->by, sizeof command->by, why))
        return false;
    if (lasts[0] && (!text_duration(lasts, &command->for_ms) || command->for_ms <= 0)) {
        command->for_ms = 0;
        return refuse(why, "\"for\" must be a duration such as \"8 h\" or \"3 days\"");
    }
    return true;
}

static bool read_alert(const cJSON *body, struct frame_command *command, char why[TEXT_SIZE])
{
    /* An acknowledgement is a person's word: it lights the lamp at home. */
    bool person = command->verb == VERB_ACK;
    return read_id(body, &command->alert, why) && read_rev(body, &command->rev, why) &&
           read_text(body, "by", person, command->by, sizeof command->by, why) &&
           read_text(body, "note", false, command->note, sizeof command->note, why);
}

static bool read_body(const cJSON *body, const struct command_input *input, struct frame_command *command,
                      char why[TEXT_SIZE])
{
    if (!cJSON_IsObject(body))
        return refuse(why, "the payload must be a JSON object");
    if (!check_expiry(body, input, why))
        return false;
    switch (command->verb) {
    case VERB_ACCEPT:
    case VERB_ACK:
    case VERB_CLOSE:
        return read_alert(body, command, why);
    case VERB_TEST: {
        char sensor[NAME_SIZE];
        bool good = read_text(body, "sensor", false, sensor, sizeof sensor, why);
        text_copy(command->note, sizeof command->note, sensor);
        return good;
    }
    case VERB_MODE:
        return read_mode(body, command, why);
    case VERB_MESSAGE:
        return read_text(body, "text", true, command->note, sizeof command->note, why);
    default:
        return true;
    }
}

static uint32_t verb_by_name(const char *name)
{
    for (uint32_t verb = VERB_ACCEPT; verb < VERB_COUNT; verb++)
        if (strcmp(name, verbs[verb]) == 0)
            return verb;
    return 0;
}

bool command_parse(const struct command_input *input, struct frame_command *command, char why[TEXT_SIZE])
{
    *command = (struct frame_command){.verb = verb_by_name(input->verb)};
    why[0] = '\0';
    if (!command->verb)
        return refuse(why, "unknown command; known are " VERBS_TEXT);
    if (input->retained)
        return refuse(why, "a command must not be retained");
    if (input->size > COMMAND_BYTES_MAX)
        return refuse(why, "the payload has %zu bytes; at most %u are read", input->size, COMMAND_BYTES_MAX);
    if (input->size == 0 && command->verb == VERB_STATUS && !input->expired)
        return true;
    if (!text_utf8(input->payload, input->size))
        return refuse(why, "the payload is not UTF-8 text");
    const char *end = NULL;
    cJSON *body = cJSON_ParseWithLengthOpts(input->payload, input->size, &end, 0);
    bool good = body ? read_body(body, input, command, why) : refuse(why, "the payload is not JSON");
    /* What follows the object must be white space only. */
    for (; good && end < (const char *)input->payload + input->size; end++)
        if (!strchr(" \t\r\n", *end))
            good = refuse(why, "the payload is not JSON: something follows the object");
    cJSON_Delete(body);
    return good;
}
