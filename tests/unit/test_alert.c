#include "check.h"

#include <math.h>
#include <string.h>

#include "base/alert.h"

static struct alert good_alert(void)
{
    struct alert alert;
    memset(&alert, 0, sizeof(alert));
    alert.id = 1;
    alert.episode = 2;
    alert.rev = 1;
    alert.count = 1;
    alert.class_ = GW_EMERGENCY;
    alert.state = ALERT_RAISED;
    strcpy(alert.detector, "call");
    strcpy(alert.kind, "emergency-call");
    strcpy(alert.text_zh, "卫生间有人呼救");
    alert.n_evidence = GW_MAX_EVIDENCE;
    strcpy(alert.evidence[GW_MAX_EVIDENCE - 1].sensor, "call");
    return alert;
}

static void a_good_alert_is_accepted(void **state)
{
    (void)state;
    struct alert alert = good_alert();
    assert_true(alert_valid(&alert));
}

static void each_value_out_of_range_is_refused(void **state)
{
    (void)state;
#define REFUSED(change)                                                                                                \
    do {                                                                                                               \
        struct alert alert = good_alert();                                                                             \
        change;                                                                                                        \
        if (alert_valid(&alert))                                                                                       \
            fail_msg("accepted after %s", #change);                                                                    \
    } while (0)
    REFUSED(alert.id = 0);
    REFUSED(alert.rev = 0);
    REFUSED(alert.count = 0);
    REFUSED(alert.class_ = 0);
    REFUSED(alert.class_ = 5);
    REFUSED(alert.state = 0);
    REFUSED(alert.state = ALERT_CLOSED + 1);
    REFUSED(alert.clock = 2);
    REFUSED(alert.late_ms = -1);
    REFUSED(alert.n_evidence = GW_MAX_EVIDENCE + 1);
    REFUSED(alert.evidence[0].value = NAN);
    REFUSED(alert.evidence[0].type = GW_CLOCK + 1);
}

static void each_text_without_end_or_of_bad_utf8_is_refused(void **state)
{
    (void)state;
#define TEXT_REFUSED(member)                                                                                           \
    REFUSED(memset(alert.member, 'x', sizeof(alert.member)));                                                          \
    REFUSED(strcpy(alert.member, "\xff"))
    TEXT_REFUSED(detector);
    TEXT_REFUSED(kind);
    TEXT_REFUSED(key);
    TEXT_REFUSED(code);
    TEXT_REFUSED(room);
    TEXT_REFUSED(text_en);
    TEXT_REFUSED(text_zh);
    TEXT_REFUSED(limit);
    TEXT_REFUSED(by);
    TEXT_REFUSED(note);
    TEXT_REFUSED(evidence[0].sensor);
    TEXT_REFUSED(evidence[GW_MAX_EVIDENCE - 1].room);
    TEXT_REFUSED(evidence[3].kind);
}

static void evidence_beyond_the_count_does_not_matter(void **state)
{
    (void)state;
    struct alert alert = good_alert();
    alert.n_evidence = 1;
    alert.evidence[1].value = NAN;
    assert_true(alert_valid(&alert));
}

static void names_of_classes_and_states_read_back(void **state)
{
    (void)state;
    for (uint32_t i = GW_EMERGENCY; i <= GW_TECHNICAL; i++)
        assert_int_equal(alert_class_by_name(alert_class_name(i)), i);
    for (uint32_t i = ALERT_RAISED; i <= ALERT_CLOSED; i++)
        assert_int_equal(alert_state_by_name(alert_state_name(i)), i);
    assert_string_equal(alert_class_name(0), "?");
    assert_string_equal(alert_class_name(99), "?");
    assert_string_equal(alert_state_name(0), "?");
    assert_string_equal(alert_state_name(UINT32_MAX), "?");
    assert_int_equal(alert_class_by_name("?"), 0);
    assert_int_equal(alert_class_by_name(""), 0);
    assert_int_equal(alert_state_by_name("Raised"), 0);
}

static void the_id_is_stable_and_depends_on_every_part(void **state)
{
    (void)state;
    uint64_t id = alert_id("h", "bath", "too-long", "k", 7);
    assert_true(id == alert_id("h", "bath", "too-long", "k", 7));
    assert_true(id != alert_id("g", "bath", "too-long", "k", 7));
    assert_true(id != alert_id("h", "bed", "too-long", "k", 7));
    assert_true(id != alert_id("h", "bath", "still", "k", 7));
    assert_true(id != alert_id("h", "bath", "too-long", "", 7));
    assert_true(id != alert_id("h", "bath", "too-long", "k", 8));
    assert_true(alert_id("h", "ab", "c", "", 1) != alert_id("h", "a", "bc", "", 1));
    /* It is in databases and at platforms: it must never change between versions. */
    assert_true(alert_id("home", "call", "emergency-call", "", 1) == UINT64_C(0x15ff58becdba90f7));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_out_of_range_is_refused),
        cmocka_unit_test(each_text_without_end_or_of_bad_utf8_is_refused),
        cmocka_unit_test(a_good_alert_is_accepted),
        cmocka_unit_test(evidence_beyond_the_count_does_not_matter),
        cmocka_unit_test(names_of_classes_and_states_read_back),
        cmocka_unit_test(the_id_is_stable_and_depends_on_every_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
