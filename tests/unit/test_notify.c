/* What systemd is told, and that it is never waited for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "check.h"
#include "daemon/notify.h"

struct manager {
    int fd;
    sd_event *event;
    char directory[64], path[100];
};

static int set_up(void **state)
{
    struct manager *manager = calloc(1, sizeof *manager);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(manager->directory, "/tmp/gatewayd-notify-XXXXXX");
    assert_non_null(mkdtemp(manager->directory));
    snprintf(manager->path, sizeof manager->path, "%s/notify", manager->directory);
    text_copy(address.sun_path, sizeof address.sun_path, manager->path);
    manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(manager->fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(sd_event_new(&manager->event), 0);
    setenv("NOTIFY_SOCKET", manager->path, 1);
    unsetenv("WATCHDOG_USEC");
    *state = manager;
    return 0;
}

static int tear_down(void **state)
{
    struct manager *manager = *state;
    sd_event_unref(manager->event);
    close(manager->fd);
    unlink(manager->path);
    rmdir(manager->directory);
    free(manager);
    return 0;
}

static bool hear(const struct manager *manager, char *text, size_t size)
{
    ssize_t n = recv(manager->fd, text, size - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

static void a_manager_that_does_not_read_is_not_waited_for_and_gets_the_last_state(void **state)
{
    struct manager *manager = *state;
    char text[512], last[512] = "";
    struct notify *notify = notify_create(manager->event);
    int64_t begin = clock_boottime_ms();
    for (unsigned i = 0; i < 5000; i++)
        notify_state(notify, "STATUS=%u", i);
    notify_state(notify, "READY=1");
    assert_true(clock_boottime_ms() - begin < 2000);
    while (hear(manager, text, sizeof text))
        text_copy(last, sizeof last, text);
    assert_string_not_equal(last, "READY=1");
    while (strcmp(last, "READY=1") != 0 && clock_boottime_ms() - begin < 5000) {
        assert_true(sd_event_run(manager->event, 100000) >= 0);
        while (hear(manager, text, sizeof text))
            text_copy(last, sizeof last, text);
    }
    assert_string_equal(last, "READY=1");
    notify_destroy(notify);
}

static void without_a_socket_nothing_happens(void **state)
{
    struct manager *manager = *state;
    static const char *const bad[] = {"relative", "", "/nonexistent/notify"};
    for (unsigned i = 0; i < COUNT(bad); i++) {
        setenv("NOTIFY_SOCKET", bad[i], 1);
        struct notify *notify = notify_create(manager->event);
        assert_non_null(notify);
        notify_state(notify, "READY=1");
        notify_destroy(notify);
    }
    notify_destroy(NULL);
}

static void the_watchdog_is_fed_at_least_twice_in_its_time(void **state)
{
    struct manager *manager = *state;
    char text[512];
    setenv("WATCHDOG_USEC", "300000", 1);
    struct notify *notify = notify_create(manager->event);
    unsigned beats = 0;
    int64_t begin = clock_boottime_ms();
    while (beats < 7 && clock_boottime_ms() - begin < 5000) {
        assert_true(sd_event_run(manager->event, 100000) >= 0);
        while (hear(manager, text, sizeof text))
            beats += strcmp(text, "WATCHDOG=1") == 0;
    }
    assert_int_equal(beats, 7);
    assert_true(clock_boottime_ms() - begin < 2000);
    notify_destroy(notify);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_manager_that_does_not_read_is_not_waited_for_and_gets_the_last_state, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_a_socket_nothing_happens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_watchdog_is_fed_at_least_twice_in_its_time, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
