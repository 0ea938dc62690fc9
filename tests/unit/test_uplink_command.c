/* Commands of a platform: what is refused, and in which words; what is taken. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "command.h"

#define ID   "\"id\":\"00000000000000ff\""
#define NOW  INT64_C(1800000000000)
#define LONG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static bool parse(const char *verb, const void *payload, size_t size, struct frame_command *command, char *why)
{
    struct command_input input = {.verb = verb, .payload = payload, .size = size, .wall_known = true, .wall_now = NOW};
    return command_parse(&input, command, why);
}

static void each_bad_command_is_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *verb, *payload, *word;
    } bad[] = {
        {"", "{}", "unknown command"},
        {"Ack", "{}", "unknown command"},
        {"reboot", "{}", "unknown command"},
        {"ack", "", "not JSON"},
        {"ack", "{", "not JSON"},
        {"accept", "{" ID "}}", "something follows"},
        {"ack", "{" ID ",\"by\":\"x\"} {}", "something follows"},
        {"ack", "null", "object"},
        {"ack", "[1]", "object"},
        {"ack", "\"" LONG "\"", "object"},
        {"ack", "{}", "\"id\""},
        {"accept", "{\"id\":255}", "\"id\""},
        {"accept", "{\"id\":null}", "\"id\""},
        {"accept", "{\"id\":\"0000000000000000\"}", "\"id\""},
        {"accept", "{\"id\":\"ff\"}", "\"id\""},
        {"accept", "{\"id\":\"00000000000000fg\"}", "\"id\""},
        {"accept", "{\"id\":\" 0000000000000ff\"}", "\"id\""},
        {"accept", "{\"id\":\"00000000000000ff0\"}", "\"id\""},
        {"accept", "{" ID ",\"rev\":-1}", "\"rev\""},
        {"accept", "{" ID ",\"rev\":1.5}", "\"rev\""},
        {"accept", "{" ID ",\"rev\":4294967296}", "\"rev\""},
        {"accept", "{" ID ",\"rev\":1e999}", "\"rev\""},
        {"accept", "{" ID ",\"rev\":\"1\"}", "\"rev\""},
        {"accept", "{" ID ",\"rev\":true}", "\"rev\""},
        {"ack", "{" ID "}", "\"by\""},
        {"ack", "{" ID ",\"by\":\"\"}", "\"by\""},
        {"ack", "{" ID ",\"by\":7}", "\"by\""},
        {"ack", "{" ID ",\"by\":\"" LONG "\"}", "too long"},
        {"ack", "{" ID ",\"by\":\"a\\u0001b\"}", "control"},
        {"ack", "{" ID ",\"by\":\"a\",\"note\":{}}", "\"note\""},
        {"ack", "{" ID ",\"by\":\"a\",\"note\":\"" LONG LONG "\"}", "too long"},
        {"close", "{" ID ",\"expires\":true}", "\"expires\""},
        {"close", "{" ID ",\"expires\":-5}", "\"expires\""},
        {"close", "{" ID ",\"expires\":\"tomorrow\"}", "\"expires\""},
        {"close", "{" ID ",\"expires\":\"2027-01-15\"}", "\"expires\""},
        {"close", "{" ID ",\"expires\":1799999999}", "expired"},
        {"close", "{" ID ",\"expires\":\"2027-01-15T07:59:59Z\"}", "expired"},
        {"close", "{" ID ",\"expires\":\"2027-01-15T16:00:00+08:00\"}", "expired"},
        {"test", "{\"sensor\":7}", "\"sensor\""},
        {"mode", "{\"mode\":\"away\",\"for\":\"soon\"}", "\"for\""},
        {"mode", "{\"mode\":\"away\",\"for\":\"never\"}", "\"for\""},
        {"mode", "{\"mode\":\"away\",\"for\":8}", "\"for\""},
        {"test", "{\"sensor\":\"" LONG "\"}", "too long"},
        {"mode", "{\"mode\":\"party\"}", "\"mode\""},
        {"mode", "{\"mode\":\"home away\"}", "\"mode\""},
        {"mode", "{\"mode\":\"\"}", "\"mode\""},
        {"message", "{}", "\"text\""},
        {"message", "{\"text\":\"" LONG LONG "\"}", "too long"},
        {"status", "7", "object"},
        {"ack", "{\"id\":\"\xff\xfe\"}", "UTF-8"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct frame_command command;
        char why[TEXT_SIZE];
        if (parse(bad[i].verb, bad[i].payload, strlen(bad[i].payload), &command, why) || !strstr(why, bad[i].word))
            fail_msg("%s %s: %s", bad[i].verb, bad[i].payload, why);
    }
}

static void nul_bytes_and_long_and_deep_payloads_are_refused(void **state)
{
    (void)state;
    struct frame_command command;
    char why[TEXT_SIZE];
    assert_false(parse("status", "{}\0", 3, &command, why));
    static char big[COMMAND_BYTES_MAX + 2];
    memset(big, ' ', sizeof big);
    memcpy(big, "{}", 2);
    assert_true(parse("status", big, COMMAND_BYTES_MAX, &command, why));
    assert_false(parse("status", big, COMMAND_BYTES_MAX + 1, &command, why));
    assert_non_null(strstr(why, "bytes"));
    memset(big, '[', COMMAND_BYTES_MAX);
    assert_false(parse("status", big, COMMAND_BYTES_MAX, &command, why));
}

static void retained_and_expired_commands_are_refused(void **state)
{
    (void)state;
    struct frame_command command;
    char why[TEXT_SIZE];
    struct command_input input = {.verb = "status", .payload = "{}", .size = 2, .retained = true};
    assert_false(command_parse(&input, &command, why));
    assert_non_null(strstr(why, "retained"));
    input.retained = false;
    input.expired = true;
    assert_false(command_parse(&input, &command, why));
    input.size = 0;
    assert_false(command_parse(&input, &command, why));
}

static void expiry_is_judged_only_by_a_clock_that_is_right(void **state)
{
    (void)state;
    static const char body[] = "{" ID ",\"expires\":1799999999}";
    struct frame_command command;
    char why[TEXT_SIZE];
    struct command_input input = {
        .verb = "accept", .payload = body, .size = strlen(body), .wall_known = false, .wall_now = NOW};
    assert_true(command_parse(&input, &command, why));
    input.wall_known = true;
    assert_false(command_parse(&input, &command, why));
}

static void good_commands_are_taken_whole(void **state)
{
    (void)state;
    static const char ack[] = "{\"id\":\"FEDCBA9876543210\",\"rev\":4294967295,\"by\":\"王医生\",\"note\":\"马上到\","
                              "\"expires\":\"2027-01-15T08:00:00.500Z\",\"unknown\":[{}]}\r\n";
    struct frame_command command;
    char why[TEXT_SIZE];
    assert_true(parse("ack", ack, strlen(ack), &command, why));
    assert_int_equal(command.verb, VERB_ACK);
    assert_true(command.alert == UINT64_C(0xFEDCBA9876543210));
    assert_int_equal(command.rev, UINT32_MAX);
    assert_string_equal(command.by, "王医生");
    assert_string_equal(command.note, "马上到");

    assert_true(parse("status", "", 0, &command, why));
    assert_int_equal(command.verb, VERB_STATUS);
    assert_true(parse("mode", "{\"mode\":\"away\"}", 15, &command, why));
    assert_string_equal(command.note, "away");
    assert_true(parse("test", "{\"sensor\":\"call\"}", 17, &command, why));
    assert_string_equal(command.note, "call");
    assert_true(parse("message", "{\"text\":\"hi\"}", 13, &command, why));
    assert_string_equal(command.note, "hi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bad_command_is_refused_with_the_reason),
        cmocka_unit_test(nul_bytes_and_long_and_deep_payloads_are_refused),
        cmocka_unit_test(retained_and_expired_commands_are_refused),
        cmocka_unit_test(expiry_is_judged_only_by_a_clock_that_is_right),
        cmocka_unit_test(good_commands_are_taken_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
