/* test_config_fuzz.c - the sample configuration, damaged in 3000 ways that are the same each time: it may be refused,
 * never crash, never give settings and errors at once
 * (load_file asserts it), and what is taken must be what the workers take. */
#include "config/help.h"

/* libconfig 1.5 loses the pieces of a text when it meets a syntax error; that is not ours to mend. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\nleak:libconfig_\n";
}

#define ROUNDS 3000

/* xorshift64: the same sequence on every machine */
static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static size_t below(uint64_t *seed, size_t n)
{
    return (size_t)(next(seed) % (n ? n : 1));
}

static const char *const tokens[] = {"\"",
                                     "{",
                                     "}",
                                     "(",
                                     ")",
                                     "[",
                                     "]",
                                     ";",
                                     ",",
                                     "=",
                                     "@include \"",
                                     "/*",
                                     "#",
                                     "\n",
                                     "\\",
                                     "\\x00",
                                     "99999999999",
                                     "-1",
                                     "1e400",
                                     "true",
                                     "；",
                                     "\xff",
                                     "\xed\xa0\x80",
                                     "name",
                                     "\"\"",
                                     "gpio = { line = 1; chip = \"c\"; };",
                                     "tls",
                                     "0x",
                                     "never",
                                     "plugin_dir"};

/* One change: a byte, a token put in, a piece cut out, a piece doubled. The room is twice the sample. */
static size_t mutate(char *text, size_t size, size_t room, uint64_t *seed)
{
    size_t at = below(seed, size), length = 1 + below(seed, 200);
    const char *token = tokens[below(seed, sizeof tokens / sizeof tokens[0])];
    if (length > size - at)
        length = size - at;
    switch (next(seed) % 4) {
    case 0:
        text[at] = (char)next(seed);
        return size;
    case 1:
        memmove(text + at, text + at + length, size - at - length);
        return size - length;
    case 2:
        if (size + length > room)
            return size;
        memmove(text + at + length, text + at, size - at);
        return size + length;
    default:
        if (size + strlen(token) > room)
            return size;
        memmove(text + at + strlen(token), text + at, size - at);
        memcpy(text + at, token, strlen(token));
        return size + strlen(token);
    }
}

static size_t read_sample(char *text, size_t room)
{
    size_t size = 0;
    static const char *const files[] = {ETC_DIR "/gatewayd.conf", ETC_DIR "/profiles/semi-disabled.conf"};
    for (size_t i = 0; i < 2; i++) {
        FILE *file = fopen(files[i], "r");
        assert_non_null(file);
        size += fread(text + size, 1, room - size, file);
        fclose(file);
    }
    char *include = strstr(text, "\n@include");
    if (include)
        include[1] = '#'; /* the profile is in the text */
    return size;
}

static void a_damaged_configuration_is_refused_or_taken_and_never_crashes(void **state)
{
    (void)state;
    enum { ROOM = 65536 };
    char *sample = calloc(1, ROOM), *text = calloc(1, ROOM);
    size_t size = read_sample(sample, ROOM / 2);
    uint64_t seed = 20260601;
    unsigned taken = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        memcpy(text, sample, size);
        size_t n = size;
        for (size_t changes = 1 + below(&seed, 4); changes > 0; changes--)
            n = mutate(text, n, ROOM, &seed);
        struct loaded loaded = load_bytes(text, n, &no_questions, NULL);
        taken += loaded.settings != NULL;
        if (loaded.settings)
            assert_frames_are_valid(loaded.settings);
        for (unsigned i = 0; i < loaded.errors.n; i++)
            assert_null(strchr(loaded.errors.text[i], '\n'));
        loaded_free(&loaded);
    }
    print_message("%u of %u damaged texts were taken\n", taken, (unsigned)ROUNDS);
    assert_true(taken > 0 && taken < ROUNDS);
    free(sample);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_configuration_is_refused_or_taken_and_never_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
