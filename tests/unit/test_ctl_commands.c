/* gatewayctl's commands against a gateway that this test plays: its answers are sent before the question, which the
 * socket keeps. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/channel.h"
#include "base/kinds.h"
#include "base/text.h"
#include "check.h"
#include "ctl/ctl.h"

struct play {
    struct args args;
    struct ctl *ctl;
    int gateway; /* our end */
    struct frame *frame;
    char *out, *err;
    size_t out_size, err_size;
    FILE *out_file, *err_file;
};

static int set_up(void **state)
{
    struct play *play = calloc(1, sizeof *play);
    int ends[2];
    assert_int_equal(channel_pair(ends), 0);
    play->frame = calloc(1, sizeof *play->frame);
    play->out_file = open_memstream(&play->out, &play->out_size);
    play->err_file = open_memstream(&play->err, &play->err_size);
    play->args = (struct args){.name = "", .value = "", .by = "Li", .for_ms = -1};
    play->ctl = ctl_create(&play->args, play->out_file, play->err_file);
    play->ctl->fd = ends[0];
    play->gateway = ends[1];
    setenv("TZ", "CST-8", 1);
    *state = play;
    return 0;
}

static int tear_down(void **state)
{
    struct play *play = *state;
    ctl_destroy(play->ctl);
    fclose(play->out_file);
    fclose(play->err_file);
    free(play->out);
    free(play->err);
    free(play->frame);
    if (play->gateway >= 0)
        close(play->gateway);
    free(play);
    return 0;
}

static void answer(struct play *play)
{
    assert_int_equal(channel_send(play->gateway, play->frame), CHANNEL_OK);
}

static void answer_home(struct play *play)
{
    frame_init(play->frame, FRAME_CTL_HOME);
    struct frame_status *home = &play->frame->status;
    text_copy(home->home, sizeof home->home, "county/town/village/0137");
    text_copy(home->software, sizeof home->software, "1.0");
    home->log_now = 1000000;
    home->wall_minus_log = INT64_C(1795291155900) - 1000000;
    home->sensors = 2;
    home->sensors_lost = 1;
    home->outbox = 3;
    home->outbox_oldest_ms = 61000;
    home->config_fallback = 1;
    answer(play);
}

static void answer_end(struct play *play, bool ok, const char *text)
{
    frame_init(play->frame, FRAME_CTL_END);
    play->frame->ctl_end.ok = ok;
    text_copy(play->frame->ctl_end.text, sizeof play->frame->ctl_end.text, text);
    answer(play);
}

static void answer_sensor(struct play *play, uint16_t slot, const char *name, enum kind kind)
{
    frame_init(play->frame, FRAME_CTL_SENSOR);
    struct frame_ctl_sensor *sensor = &play->frame->ctl_sensor;
    sensor->slot = slot;
    sensor->kind = (uint16_t)kind;
    sensor->available = 1;
    text_copy(sensor->name, sizeof sensor->name, name);
    text_copy(sensor->room, sizeof sensor->room, "bathroom");
    sensor->value = 1;
    sensor->at = 1000000 - 180000;
    sensor->heard = 1000000 - 2000;
    sensor->battery = sensor->link = -1;
    sensor->qos = 0;
    sensor->urgent = kind == KIND_BUTTON;
    text_copy(sensor->note, sizeof sensor->note, kind == KIND_BUTTON ? "set qos to 1 in its settings" : "");
    answer(play);
}

static void answer_alert(struct play *play)
{
    frame_init(play->frame, FRAME_ALERT);
    struct alert *alert = &play->frame->alert;
    *alert = (struct alert){.id = 0xabc,
                            .episode = 1,
                            .rev = 2,
                            .count = 1,
                            .class_ = GW_EMERGENCY,
                            .state = ALERT_RAISED,
                            .flags = ALERT_TEST,
                            .raised = 1,
                            .at = 1,
                            .incident = 0xabc};
    text_copy(alert->detector, sizeof alert->detector, "bath-stay");
    text_copy(alert->kind, sizeof alert->kind, "too-long");
    text_copy(alert->text_en, sizeof alert->text_en, "In the bath for 45 min");
    text_copy(alert->text_zh, sizeof alert->text_zh, "\xe6\xb4\x97\xe6\xbe\xa1 45 min");
    alert->wall_minus_log = INT64_C(1795291155900);
    answer(play);
}

static int run(struct play *play, enum ctl_command command, bool json)
{
    play->args.command = command;
    play->args.json = json;
    int status = ctl_run(play->ctl);
    fflush(play->out_file);
    fflush(play->err_file);
    return status;
}

static cJSON *document(struct play *play)
{
    cJSON *json = cJSON_ParseWithOpts(play->out, NULL, true);
    assert_non_null(json); /* one document and nothing behind it */
    return json;
}

static void health_says_what_waits_and_why_and_who_died(void **state)
{
    struct play *play = *state;
    answer_home(play);
    frame_init(play->frame, FRAME_CTL_WORKER);
    text_copy(play->frame->ctl_worker.name, NAME_SIZE, "mqtt");
    text_copy(play->frame->ctl_worker.state, NAME_SIZE, "running");
    text_copy(play->frame->ctl_worker.cause, TEXT_SIZE, "killed by signal 9");
    play->frame->ctl_worker.deaths = 2;
    answer(play);
    frame_init(play->frame, FRAME_CTL_WAITING);
    struct frame_ctl_waiting *waiting = &play->frame->ctl_waiting;
    waiting->alert = 0xabc;
    waiting->rev = 2;
    waiting->class_ = GW_EMERGENCY;
    waiting->why = WAITING_LINK;
    waiting->since_ms = 61000;
    text_copy(waiting->detector, NAME_SIZE, "bath-stay");
    text_copy(waiting->kind, NAME_SIZE, "too-long");
    text_copy(waiting->uplink, NAME_SIZE, "platform");
    text_copy(waiting->text, TEXT_SIZE, "Connection refused");
    answer(play);
    answer_end(play, true, "");
    assert_int_equal(run(play, COMMAND_HEALTH, false), CTL_OK);
    assert_non_null(strstr(play->out, "! Outbox      3 wait, the oldest for 1 min"));
    assert_non_null(strstr(play->out, "emergency too-long of bath-stay (0000000000000abc, revision 2) to platform, for "
                                      "1 min: the platform is not reached (Connection refused)"));
    assert_non_null(strstr(play->out, "mqtt: 2, the last one: killed by signal 9"));
    assert_non_null(strstr(play->out, "  Dropped     nothing"));
    assert_non_null(strstr(play->out, "! Clock       NOT synchronised"));
}

static void run_health_with(struct play *play, int64_t up_ms, uint64_t bytes_written)
{
    frame_init(play->frame, FRAME_CTL_HOME);
    text_copy(play->frame->status.home, sizeof play->frame->status.home, "county/town/village/0137");
    play->frame->status.up_ms = up_ms;
    play->frame->status.bytes_written = bytes_written;
    answer(play);
    answer_end(play, true, "");
    assert_int_equal(run(play, COMMAND_HEALTH, false), CTL_OK);
}

static void health_tells_what_a_day_writes_after_an_hour_and_not_of_the_start(void **state)
{
    struct play *play = *state;
    run_health_with(play, 60000, 1048576);
    assert_non_null(strstr(play->out, "  Disk        answers; 1.0 MiB written since the start\n"));
    run_health_with(play, 2 * 3600000, 100 * 1048576);
    assert_non_null(
        strstr(play->out, "! Disk        answers; 100.0 MiB written since the start, that is 1200.0 MiB a day"));
}

static void refused_says_why_and_ends_with_1(void **state)
{
    struct play *play = *state;
    answer_end(play, false, "there is no sensor \"bde\"\x7f");
    /* a DEL is no text that a frame may hold: the gateway is taken for broken */
    assert_int_equal(run(play, COMMAND_TEST, false), CTL_NOT_RUNNING);
    answer_end(play, false, "there is no sensor \"bde\"");
    assert_int_equal(run(play, COMMAND_TEST, true), CTL_REFUSED);
    assert_non_null(strstr(play->err, "no sensor"));
    cJSON *json = document(play);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(json, "ok")));
    cJSON_Delete(json);
}

static void a_gateway_that_goes_away_ends_with_3(void **state)
{
    struct play *play = *state;
    answer_home(play);
    close(play->gateway);
    play->gateway = -1;
    assert_int_equal(run(play, COMMAND_STATUS, false), CTL_NOT_RUNNING);
    assert_string_equal(play->out, "");
}

static void a_missing_socket_ends_with_3_and_says_what_to_do(void **state)
{
    struct play *play = *state;
    close(play->ctl->fd);
    play->ctl->fd = -1;
    play->args.socket = "/nonexistent/control.sock";
    assert_int_equal(run(play, COMMAND_STATUS, false), CTL_NOT_RUNNING);
    assert_non_null(strstr(play->err, "systemctl start gatewayd"));
}

static void status_shows_what_wants_attention(void **state)
{
    struct play *play = *state;
    answer_home(play);
    frame_init(play->frame, FRAME_CTL_WORKER);
    text_copy(play->frame->ctl_worker.name, NAME_SIZE, "detector bath-stay");
    text_copy(play->frame->ctl_worker.state, NAME_SIZE, "waiting");
    text_copy(play->frame->ctl_worker.cause, TEXT_SIZE, "killed by signal 11 (Segmentation fault)");
    play->frame->ctl_worker.next_start_ms = 4000;
    play->frame->ctl_worker.deaths = 3;
    answer(play);
    answer_end(play, true, "");
    assert_int_equal(run(play, COMMAND_STATUS, false), CTL_OK);
    assert_non_null(strstr(play->out, "county/town/village/0137"));
    assert_non_null(strstr(play->out, "2, 1 lost"));
    assert_non_null(strstr(play->out, "3 messages wait, the oldest for 1 min"));
    assert_non_null(strstr(play->out, "! The configuration file has errors"));
    assert_non_null(strstr(play->out, "! Lost: 1 of the sensors."));
    assert_non_null(strstr(play->out, "! No platform is connected"));
    assert_null(strstr(play->out, "! Not watching"));
    assert_non_null(strstr(play->out, "waiting, again in 4 s"));
    assert_non_null(strstr(play->out, "Segmentation fault"));
}

static void status_as_json_is_one_document(void **state)
{
    struct play *play = *state;
    answer_home(play);
    answer_end(play, true, "");
    assert_int_equal(run(play, COMMAND_STATUS, true), CTL_OK);
    cJSON *json = document(play);
    assert_string_equal(cJSON_GetObjectItem(json, "home")->valuestring, "county/town/village/0137");
    assert_string_equal(cJSON_GetObjectItem(json, "now")->valuestring, "2026-11-22T03:59:15.900+08:00");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "config_fallback")));
    cJSON_Delete(json);
}

static void a_call_button_at_qos_0_gets_its_advice(void **state)
{
    struct play *play = *state;
    answer_home(play);
    answer_end(play, true, "");
    answer_sensor(play, 0, "bathroom-door", KIND_CONTACT);
    answer_sensor(play, 1, "call", KIND_BUTTON);
    answer_end(play, true, "");
    assert_int_equal(run(play, COMMAND_SENSORS, false), CTL_OK);
    assert_non_null(strstr(play->out, "open"));
    assert_non_null(strstr(play->out, "3 min ago"));
    assert_non_null(strstr(play->out, "! call: its messages come at QoS 0"));
    assert_non_null(strstr(play->out, "set qos to 1"));
    assert_null(strstr(play->out, "! bathroom-door"));
}

static void alerts_show_both_languages_and_the_id_that_ack_takes(void **state)
{
    struct play *play = *state;
    answer_alert(play);
    answer_end(play, true, "");
    assert_int_equal(run(play, COMMAND_ALERTS, false), CTL_OK);
    assert_non_null(strstr(play->out, "0000000000000abc"));
    assert_non_null(strstr(play->out, "raised, test"));
    assert_non_null(strstr(play->out, "In the bath for 45 min"));
    assert_non_null(strstr(play->out, "\xe6\xb4\x97\xe6\xbe\xa1 45 min"));
}

static void no_alerts_is_said_and_is_an_empty_list(void **state)
{
    struct play *play = *state;
    answer_end(play, true, "");
    assert_int_equal(run(play, COMMAND_ALERTS, true), CTL_OK);
    cJSON *json = document(play);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "alerts")), 0);
    cJSON_Delete(json);
}

static void answer_history(struct play *play, unsigned n)
{
    frame_init(play->frame, FRAME_HISTORY);
    play->frame->history.wall_minus_log = INT64_C(1795291155900);
    for (unsigned i = 0; i < n; i++)
        play->frame->history.reading[i] =
            (struct reading){.id = i + 1, .origin = i + 1, .value = i % 2, .at = i * 1000, .flags = GW_TEST};
    frame_set_n(play->frame, n);
    answer(play);
}

static void history_is_one_document_over_many_frames(void **state)
{
    struct play *play = *state;
    answer_sensor(play, 0, "bed", KIND_BED);
    answer_history(play, 100);
    answer_history(play, 28);
    answer_end(play, true, "");
    assert_int_equal(run(play, COMMAND_HISTORY, true), CTL_OK);
    cJSON *json = document(play);
    cJSON *list = cJSON_GetObjectItem(json, "readings");
    assert_int_equal(cJSON_GetArraySize(list), 128);
    cJSON *first = cJSON_GetArrayItem(list, 1);
    assert_string_equal(cJSON_GetObjectItem(first, "sensor")->valuestring, "bed");
    assert_string_equal(cJSON_GetObjectItem(first, "text")->valuestring, "occupied");
    assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(first, "flags"), 0)->valuestring, "test");
    cJSON_Delete(json);
}

static void history_that_breaks_off_says_so_and_stays_a_document(void **state)
{
    struct play *play = *state;
    answer_history(play, 3);
    close(play->gateway);
    play->gateway = -1;
    assert_int_equal(run(play, COMMAND_HISTORY, true), CTL_REFUSED);
    cJSON *json = document(play);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "incomplete")));
    cJSON_Delete(json);
}

static void watch_writes_one_document_a_line_and_ends_in_time(void **state)
{
    struct play *play = *state;
    answer_home(play);
    answer_end(play, true, "");
    answer_sensor(play, 0, "bed", KIND_BED);
    frame_init(play->frame, FRAME_READINGS);
    play->frame->readings.reading[0] = (struct reading){.id = 1, .origin = 1, .value = 0};
    frame_set_n(play->frame, 1);
    answer(play);
    answer_alert(play);
    play->args.for_ms = 300;
    assert_int_equal(run(play, COMMAND_WATCH, true), CTL_OK);
    unsigned lines = 0;
    char *rest = NULL;
    for (char *line = strtok_r(play->out, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), lines++) {
        cJSON *json = cJSON_ParseWithOpts(line, NULL, true);
        assert_non_null(json);
        cJSON_Delete(json);
    }
    assert_int_equal(lines, 3);
}

static void ack_sends_who_and_says_what_it_does_not_do(void **state)
{
    struct play *play = *state;
    const char *why = "";
    play->args.alert = 0xabc;
    answer_end(play, true, "");
    assert_int_equal(run(play, COMMAND_ACK, false), CTL_OK);
    assert_non_null(strstr(play->out, "lights no light"));
    assert_int_equal(channel_receive(play->gateway, play->frame, &why), CHANNEL_OK);
    assert_int_equal(play->frame->ctl_request.verb, CTL_ACK);
    assert_true(play->frame->ctl_request.alert == 0xabc);
    assert_string_equal(play->frame->ctl_request.value, "Li");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(health_says_what_waits_and_why_and_who_died, set_up, tear_down),
        cmocka_unit_test_setup_teardown(health_tells_what_a_day_writes_after_an_hour_and_not_of_the_start, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(refused_says_why_and_ends_with_1, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_gateway_that_goes_away_ends_with_3, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_socket_ends_with_3_and_says_what_to_do, set_up, tear_down),
        cmocka_unit_test_setup_teardown(status_shows_what_wants_attention, set_up, tear_down),
        cmocka_unit_test_setup_teardown(status_as_json_is_one_document, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_button_at_qos_0_gets_its_advice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(alerts_show_both_languages_and_the_id_that_ack_takes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_alerts_is_said_and_is_an_empty_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(history_is_one_document_over_many_frames, set_up, tear_down),
        cmocka_unit_test_setup_teardown(history_that_breaks_off_says_so_and_stays_a_document, set_up, tear_down),
        cmocka_unit_test_setup_teardown(watch_writes_one_document_a_line_and_ends_in_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ack_sends_who_and_says_what_it_does_not_do, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
