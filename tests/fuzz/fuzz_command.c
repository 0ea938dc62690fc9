/* fuzz_command.c - what a platform sends: commands, and our own list of open alerts as its broker gives it back. The
 * first line of the input: flags as one character and the topic's last part; the rest is the payload. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command.h"
#include "fuzz.h"
#include "isotime.h"
#include "recover.h"
#include "topic.h"

#define FLAG_RETAINED 1u
#define FLAG_EXPIRED  2u
#define FLAG_WALL     4u

#define NOW INT64_C(1780000000000)

static void recovered(void *context, const struct alert *alert)
{
    (void)context;
    ALWAYS(alert_valid(alert) && (alert->flags & ALERT_RECOVERED));
}

static void command(const char *verb, unsigned flags, const char *payload, size_t size)
{
    static struct frame frame;
    struct command_input input = {.verb = verb,
                                  .payload = payload,
                                  .size = size,
                                  .retained = flags & FLAG_RETAINED,
                                  .expired = flags & FLAG_EXPIRED,
                                  .wall_known = flags & FLAG_WALL,
                                  .wall_now = NOW};
    char why[TEXT_SIZE];
    bool good = command_parse(&input, &frame_init(&frame, FRAME_COMMAND)->command, why);
    ALWAYS(good || (why[0] && text_valid(why, sizeof why)));
    ALWAYS(!good || (frame_is_good(&frame) && !input.retained && !input.expired));
    ALWAYS(!good || frame.command.verb != VERB_ACK || frame.command.by[0]);
    ALWAYS(frame.command.verb < VERB_COUNT && command_verb_name(frame.command.verb) != NULL);
}

static void topics(const char *text)
{
    static const char home[] = "c/t/v/h";
    char topic[TOPIC_SIZE];
    const char *verb = topic_verb(text, home);
    ALWAYS(!verb || (verb > text && strchr(verb, '/') == NULL));
    /* Nobody must be able to make the gateway speak where gateways speak. */
    if (topic_reply_allowed(text, home))
        ALWAYS(strncmp(text, "care/v1/", 8) == 0 && strpbrk(text, "+#") == NULL);
    (void)topic_home_valid(text);
    struct alert alert = {.class_ = GW_WARNING};
    text_copy(alert.kind, sizeof alert.kind, text);
    topic_alert(topic, home, &alert);
    ALWAYS(strpbrk(topic, "+#") == NULL && strncmp(topic, "care/v1/home/c/t/v/h/", 21) == 0);
}

static void times(const char *text)
{
    int64_t wall = 0, again = 0;
    char out[ISOTIME_SIZE];
    if (isotime_to_ms(text, &wall) && wall >= 0)
        ALWAYS(isotime_to_ms(isotime_from_ms(wall, out), &again) && again == wall);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    char verb[TEXT_SIZE], text[TOPIC_SIZE];
    unsigned flags = input_byte(&in);
    input_text(&in, "\n", verb, sizeof verb);
    command(verb, flags, (const char *)in.at, (size_t)(in.end - in.at));
    (void)recover_parse((const char *)in.at, (size_t)(in.end - in.at), NOW, recovered, NULL);
    topics(verb);
    times(verb);
    struct input rest = in;
    topics(input_text(&rest, "\n", text, sizeof text));
    return 0;
}
