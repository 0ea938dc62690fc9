/* JSON of the mqtt and uplink workers, with cJSON's n-th allocation failing, for every n: all of a message or none. A
 * message of which a part is missing would be an alert without its id, or a press that counts as a bad payload. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/channel.h"
#include "base/kinds.h"
#include "check.h"
#include "format.h"
#include "payload.h"
#include "points.h"

enum outcome { WHOLE, WRONG };

static const struct alert bath = {.id = 0xab,
                                  .rev = 3,
                                  .count = 1,
                                  .class_ = GW_EMERGENCY,
                                  .state = ALERT_RAISED,
                                  .flags = ALERT_TEST,
                                  .detector = "bath",
                                  .kind = "bath-too-long",
                                  .code = "0034 0009",
                                  .room = "bathroom",
                                  .text_en = "In the bathroom for 45 min.",
                                  .text_zh = "在浴室已 45 分钟。",
                                  .limit = "45 min",
                                  .n_evidence = 1,
                                  .evidence = {{.sensor = "door", .room = "bathroom", .kind = "contact"}}};

static char *told(void)
{
    static const struct payload_home home = {"county/town/village/1", "1", "6512349", ""};
    return payload_alert(&home, &bath, &(struct payload_delivery){.durable = true});
}

static int tell_alert(const char *expected)
{
    char *text = told();
    int outcome = text && strcmp(text, expected) == 0 ? WHOLE : WRONG;
    free(text);
    return outcome;
}

static int read_press(const char *payload)
{
    const struct frame_mqtt_sensor sensor = {.kind = KIND_BUTTON, .format = FORMAT_ZIGBEE2MQTT};
    struct format_message message;
    struct format_result result;
    format_begin(&message, payload, strlen(payload));
    enum format_outcome outcome = format_read(&sensor, TOPIC_STATE, &message, &result);
    format_end(&message);
    return outcome == FORMAT_OK && result.n > 0 && result.item[0].type == GW_EVENT ? WHOLE : WRONG;
}

/* In a process of its own, as it may end. */
static int with_point(unsigned n, int (*act)(const char *), const char *text, bool *hit)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(STDERR_FILENO); /* each says that it has no memory */
        cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = channel_worker_memory, .free_fn = free});
        points_arm(POINT_MEMORY, n, false);
        int outcome = act(text);
        char through = points_disarm() ? 'n' : 'y';
        _exit(write(fds[1], &through, 1) == 1 ? outcome : WRONG);
    }
    close(fds[1]);
    char through = 'n';
    (void)!read(fds[0], &through, 1);
    close(fds[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    *hit = through == 'n';
    return WEXITSTATUS(status);
}

static unsigned sweep(int (*act)(const char *), const char *text)
{
    unsigned n = 1;
    for (bool hit = true; hit; n++) {
        int outcome = with_point(n, act, text, &hit);
        if (outcome != (hit ? EX_OSERR : WHOLE))
            fail_msg("allocation %u: status %d", n, outcome);
    }
    print_message("%u allocations\n", n - 2);
    return n - 2;
}

static void no_alert_leaves_with_a_part_missing(void **state)
{
    (void)state;
    char *whole = told();
    assert_non_null(whole);
    assert_true(sweep(tell_alert, whole) > 40);
    free(whole);
}

static void no_press_is_taken_for_a_bad_payload(void **state)
{
    (void)state;
    static const char press[] = "{\"battery\": 97, \"action\": \"single\"}";
    assert_int_equal(read_press(press), WHOLE);
    assert_true(sweep(read_press, press) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_alert_leaves_with_a_part_missing),
        cmocka_unit_test(no_press_is_taken_for_a_bad_payload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
