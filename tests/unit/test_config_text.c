/* test_config_text.c - the text before libconfig: includes, brackets, quotes, numbers, and where each line came from.
 */
#include "config/help.h"

#include <sys/stat.h>

#include "config/source.h"

/* libconfig 1.5 loses the pieces of a text when it meets a syntax error; that is not ours to mend. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\nleak:libconfig_\n";
}

/* ---- syntax ---- */

static void a_quote_that_is_not_closed_is_told_on_its_own_line(void **state)
{
    (void)state;
    one_error(HOME "contact = {\n  hotline = \"1;\n  family = \"2\";\n};\n", 3, "its \" is missing on this line");
}

static void a_bracket_without_its_partner_is_told_where_it_stands(void **state)
{
    (void)state;
    one_error(HOME "contact = {\n hotline = \"1\";\n", 2, "\"{\" that is opened here is not closed");
    one_error(HOME "sensors = (\n { name = \"a\"; )\n);\n", 3, "where the \"{\" opened at");
    one_error(HOME "}\n", 2, "closes nothing");
    one_error(HOME "/* for ever\n", 2, "is not closed");
}

static void full_width_punctuation_is_named(void **state)
{
    (void)state;
    one_error(HOME "contact = { hotline = \"1\"；};\n", 2, "；");
    one_error("home ＝ 1;\n", 1, "full-width");
    no_error(HOME "# 注释；\n/* 注释（） */ contact = { hotline = \"一；二\"; };\n");
}

static void other_syntax_errors_carry_their_line_and_what_to_do(void **state)
{
    (void)state;
    one_error(HOME "\ncontact = { hotline \"1\"; };\n", 3, "every key needs =");
    one_error(HOME "control = { group = \"a\"; };\ncontrol = { group = \"b\"; };\n", 3, "stands twice");
    one_error(HOME "defaults = { p = { x = [ 1, \"a\" ]; }; };\n", 2, "same type");
}

static void a_number_that_libconfig_would_cut_is_refused(void **state)
{
    (void)state;
    struct loaded loaded = load_text(HOME "mqtt = { host = \"h\"; port = 4294968179; };\n");
    assert_null(loaded.settings);
    assert_true(has_error(&loaded.errors, "", 2, "too big")); /* libconfig 1.7 keeps all of it: the range is told too */
    loaded_free(&loaded);
    one_error(HOME "defaults = { p = { a = 99999999999999999999999; }; };\n", 2, "too big");
    one_error(HOME "defaults = { p = { a = 9223372036854775807; }; };\n", 2, "too big");
    one_error(HOME "defaults = { p = { a = 9223372036854775808; }; };\n", 2, "too big");
    one_error(HOME "defaults = { p = { a = 0xffffffffffffffff; }; };\n", 2, "too big");
    one_error(HOME "defaults = { p = { a = 0x10000000000000000; }; };\n", 2, "too big");
    one_error(HOME "defaults = { p = { a = 0xfffffffff; }; };\n", 2, "too big");
    no_error(HOME
             "defaults = { p = { a = 2147483647; b = -5; c = 99999999999.5; d = 1e10; x99999999999 = 0x1f; }; };\n");
}

static void nul_is_refused_in_both_spellings(void **state)
{
    (void)state;
    one_error(HOME "contact = { hotline = \"1\\x002\"; };\n", 2, "NUL");
    static const char text[] = HOME "contact = { hotline = \"1\0002\"; };\n";
    struct loaded loaded = load_bytes(text, sizeof text - 1, &no_questions, NULL);
    assert_true(has_error(&loaded.errors, "", 2, "a NUL byte in a text"));
    loaded_free(&loaded);
}

static void files_from_windows_load(void **state)
{
    (void)state;
    no_error("\xef\xbb\xbf" HOME "contact = {\r\n  hotline = \"1\"; # \r\n};\r\n");
}

static void brackets_without_end_do_not_exhaust_the_parser(void **state)
{
    (void)state;
    char *text = malloc(60000);
    memset(text, '(', 59999);
    memcpy(text, "a = ", 4);
    text[59999] = '\0';
    struct loaded loaded = load_text(text);
    assert_int_equal(loaded.errors.n, 1);
    assert_non_null(strstr(loaded.errors.text[0], "brackets in each other"));
    loaded_free(&loaded);
    free(text);
}

/* ---- includes ---- */

static char folder[] = "/tmp/test-config-text-XXXXXX";

static void put(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static struct loaded load_put(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return load_file(path, &no_questions, NULL);
}

static void lines_are_those_of_the_file_they_stand_in(void **state)
{
    (void)state;
    put("a.conf", HOME "zz = 1;\n@include \"b.conf\"\nyy = 1;\n");
    put("b.conf", "\n\nxx = 1;\n@include \"c.conf\" # why\nww = 1;");
    put("c.conf", "\nvv = 1;\n\n");
    struct loaded loaded = load_put("a.conf");
    assert_int_equal(loaded.errors.n, 5);
    assert_true(has_error(&loaded.errors, "/a.conf", 2, "zz"));
    assert_true(has_error(&loaded.errors, "/b.conf", 3, "xx"));
    assert_true(has_error(&loaded.errors, "/c.conf", 2, "vv"));
    assert_true(has_error(&loaded.errors, "/b.conf", 5, "ww"));
    assert_true(has_error(&loaded.errors, "/a.conf", 4, "yy"));
    loaded_free(&loaded);
}

static void an_include_may_stand_within_a_group(void **state)
{
    (void)state;
    put("a.conf", HOME "contact = {\n  @include \"b.conf\";\n};\n");
    put("b.conf", "hotline = \"42\";");
    struct loaded loaded = load_put("a.conf");
    print_errors(&loaded.errors);
    assert_non_null(loaded.settings);
    assert_string_equal(loaded.settings->hotline, "42");
    loaded_free(&loaded);
}

static void every_include_that_fails_is_told_with_its_line(void **state)
{
    (void)state;
    char sub[200];
    snprintf(sub, sizeof sub, "%s/sub", folder);
    mkdir(sub, 0700);
    put("a.conf", HOME "@include \"missing.conf\"\n@include \"sub\"\n@include \"/dev/zero\"\n@include missing\n"
                       "@include \"a.conf\"\n@include \"b.conf\" x\n@include \"\"\n");
    put("b.conf", "@include \"b2.conf\"\n");
    put("b2.conf", "@include \"b.conf\"\n");
    struct loaded loaded = load_put("a.conf");
    print_errors(&loaded.errors);
    assert_true(has_error(&loaded.errors, "/a.conf", 2, "missing.conf\": No such file"));
    assert_true(has_error(&loaded.errors, "/a.conf", 3, "not a regular file"));
    assert_true(has_error(&loaded.errors, "/a.conf", 4, "not a regular file"));
    assert_true(has_error(&loaded.errors, "/a.conf", 5, "a path in quotes must follow"));
    assert_true(has_error(&loaded.errors, "/a.conf", 6, "includes itself"));
    assert_true(has_error(&loaded.errors, "/a.conf", 7, "nothing but a comment"));
    assert_true(has_error(&loaded.errors, "/b2.conf", 1, "includes itself"));
    assert_true(has_error(&loaded.errors, "/a.conf", 8, "a path in quotes"));
    assert_int_equal(loaded.errors.n, 8);
    loaded_free(&loaded);
    rmdir(sub);
}

static void an_include_in_a_comment_is_none(void **state)
{
    (void)state;
    put("a.conf", HOME "# @include \"missing.conf\"\n/*\n@include \"missing.conf\"\n*/\n");
    struct loaded loaded = load_put("a.conf");
    assert_non_null(loaded.settings);
    loaded_free(&loaded);
}

static void nesting_and_size_are_bounded(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        char name[20], text[300];
        snprintf(name, sizeof name, "n%u.conf", i);
        snprintf(text, sizeof text, "@include \"n%u.conf\"\n", i + 1);
        put(name, text);
    }
    struct loaded loaded = load_put("n0.conf");
    assert_true(has_error(&loaded.errors, "/n7.conf", 1, "more than 8 files"));
    loaded_free(&loaded);
    char path[200];
    snprintf(path, sizeof path, "%s/big.conf", folder);
    put("big.conf", "");
    assert_int_equal(truncate(path, 2 * 1024 * 1024), 0);
    loaded = load_put("big.conf");
    assert_true(has_error(&loaded.errors, "/big.conf", 1, "too big"));
    loaded_free(&loaded);
}

static void the_text_with_its_includes_loads_alone_and_says_the_same(void **state)
{
    (void)state;
    struct report *report = report_create();
    struct source *source = source_load(FIXTURES "full.conf", report);
    assert_int_equal(report_count(report), 0);
    struct loaded whole = load_file(FIXTURES "full.conf", &no_questions, NULL), copy = load_text(source_text(source));
    assert_non_null(copy.settings);
    assert_int_equal(whole.settings->n_detectors, copy.settings->n_detectors);
    assert_int_equal(whole.settings->detectors[0].n_settings, copy.settings->detectors[0].n_settings);
    assert_memory_equal(whole.settings->uplinks, copy.settings->uplinks, 2 * sizeof *whole.settings->uplinks);
    assert_memory_equal(whole.settings->sensors, copy.settings->sensors, 2 * sizeof *whole.settings->sensors);
    loaded_free(&whole);
    loaded_free(&copy);
    source_free(source);
    report_destroy(report);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"a",  "b",  "b2", "c",  "big", "n0", "n1", "n2",
                                        "n3", "n4", "n5", "n6", "n7",  "n8", "n9"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s.conf", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quote_that_is_not_closed_is_told_on_its_own_line),
        cmocka_unit_test(a_bracket_without_its_partner_is_told_where_it_stands),
        cmocka_unit_test(full_width_punctuation_is_named),
        cmocka_unit_test(other_syntax_errors_carry_their_line_and_what_to_do),
        cmocka_unit_test(a_number_that_libconfig_would_cut_is_refused),
        cmocka_unit_test(nul_is_refused_in_both_spellings),
        cmocka_unit_test(files_from_windows_load),
        cmocka_unit_test(brackets_without_end_do_not_exhaust_the_parser),
        cmocka_unit_test(lines_are_those_of_the_file_they_stand_in),
        cmocka_unit_test(an_include_may_stand_within_a_group),
        cmocka_unit_test(every_include_that_fails_is_told_with_its_line),
        cmocka_unit_test(an_include_in_a_comment_is_none),
        cmocka_unit_test(nesting_and_size_are_bounded),
        cmocka_unit_test(the_text_with_its_includes_loads_alone_and_says_the_same),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
