/* Frames that wait for a full socket: order, bound, nothing lost. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/channel.h"
#include "check.h"
#include "daemon/sendqueue.h"

struct wire {
    int ends[2];
    struct frame *frame;
};

static int make_wire(void **state)
{
    struct wire *wire = calloc(1, sizeof *wire);
    wire->frame = calloc(1, sizeof *wire->frame);
    int small = 4096;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, wire->ends), 0);
    assert_int_equal(setsockopt(wire->ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    *state = wire;
    return 0;
}

static int cut_wire(void **state)
{
    struct wire *wire = *state;
    close(wire->ends[0]);
    if (wire->ends[1] >= 0)
        close(wire->ends[1]);
    free(wire->frame);
    free(wire);
    return 0;
}

static struct frame *numbered(struct wire *wire, uint64_t number)
{
    frame_init(wire->frame, FRAME_CONFIRM);
    wire->frame->confirm.handled = number;
    return wire->frame;
}

static unsigned receive_all(struct wire *wire, uint64_t *next)
{
    const char *why = "";
    unsigned n = 0;
    while (channel_receive(wire->ends[1], wire->frame, &why) == CHANNEL_OK) {
        assert_int_equal(wire->frame->confirm.handled, *next);
        ++*next;
        n++;
    }
    return n;
}

static void what_does_not_fit_is_refused_and_the_rest_stays_in_order(void **state)
{
    struct wire *wire = *state;
    struct sendqueue *queue = sendqueue_create(4096);
    uint64_t sent = 0, next = 0;
    while (sendqueue_send(queue, wire->ends[0], numbered(wire, sent)))
        assert_true(++sent < 10000);
    assert_false(sendqueue_empty(queue));
    /* 4096 bytes hold that many frames and no more */
    size_t each = (numbered(wire, 0)->header.length + 7u) & ~7u;
    uint64_t queued = 4096 / each;
    unsigned at_once = receive_all(wire, &next);
    assert_int_equal(sent, at_once + queued);
    while (!sendqueue_empty(queue)) {
        sendqueue_flush(queue, wire->ends[0]);
        receive_all(wire, &next);
    }
    assert_int_equal(next, sent);
    sendqueue_destroy(queue);
}

static void a_later_frame_never_overtakes_a_waiting_one(void **state)
{
    struct wire *wire = *state;
    struct sendqueue *queue = sendqueue_create(65536);
    uint64_t sent = 0, next = 0;
    for (unsigned round = 0; round < 200; round++) {
        for (unsigned i = 0; i < 40 && sendqueue_send(queue, wire->ends[0], numbered(wire, sent)); i++)
            sent++;
        receive_all(wire, &next); /* room in the socket, but what waits goes first */
        if (round % 3 == 2)
            sendqueue_flush(queue, wire->ends[0]);
    }
    while (!sendqueue_empty(queue)) {
        sendqueue_flush(queue, wire->ends[0]);
        receive_all(wire, &next);
    }
    receive_all(wire, &next);
    assert_true(sent > 1000);
    assert_int_equal(next, sent);
    sendqueue_destroy(queue);
}

static void a_closed_socket_swallows_everything(void **state)
{
    struct wire *wire = *state;
    struct sendqueue *queue = sendqueue_create(4096);
    close(wire->ends[1]);
    wire->ends[1] = -1;
    for (unsigned i = 0; i < 1000; i++)
        assert_true(sendqueue_send(queue, wire->ends[0], numbered(wire, i)));
    assert_true(sendqueue_empty(queue));
    sendqueue_destroy(queue);
    sendqueue_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused_and_the_rest_stays_in_order, make_wire, cut_wire),
        cmocka_unit_test_setup_teardown(a_later_frame_never_overtakes_a_waiting_one, make_wire, cut_wire),
        cmocka_unit_test_setup_teardown(a_closed_socket_swallows_everything, make_wire, cut_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
