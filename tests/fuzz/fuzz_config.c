/* fuzz_config.c - configuration text. The input is the main file; what follows a line "%%%%" is the file 1.conf, then
 * 2.conf ... which it may include. No other file is there, whatever the text asks for. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/check.h"
#include "fuzz.h"

#define FOLDER  "/fuzz/"
#define FILES   8
#define SPLIT   "\n%%%%\n"
#define ZONEDIR "/usr/share/zoneinfo/"

static struct input files[FILES];
static unsigned n_files;
static bool inside; /* config_load is running */

/* libconfig 1.5's scanner loses the pieces of a text when it meets a syntax error; that is not ours to mend. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\nleak:libconfig_\nleak:strbuf_append\n";
}

/* In place of the linker's open: the input's files, in memory. */
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    unsigned number = 0;
    ALWAYS((flags & O_ACCMODE) == O_RDONLY);
    bool ours = strcmp(path, FOLDER "gatewayd.conf") == 0 ||
                (sscanf(path, FOLDER "%u.conf", &number) == 1 && number > 0 && number < n_files);
    if (!ours) {
        errno = ENOENT;
        return -1;
    }
    int fd = memfd_create("part", MFD_CLOEXEC);
    size_t size = (size_t)(files[number].end - files[number].at);
    ALWAYS(fd >= 0 && write(fd, files[number].at, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

/* Seen by libconfig too: it must never find an @include that we did not, as it would end the process over a folder. */
FILE *fopen(const char *path, const char *mode)
{
    static FILE *(*real)(const char *, const char *);
    if (!real) {
        void *symbol = dlsym(RTLD_NEXT, "fopen");
        memcpy(&real, &symbol, sizeof real);
    }
    ALWAYS(!inside || strncmp(path, ZONEDIR, strlen(ZONEDIR)) == 0);
    return real(path, mode);
}

static bool takes(struct frame *frame, enum frame_type type, const void *body, size_t size)
{
    memcpy((char *)frame_init(frame, type) + sizeof(struct frame_header), body, size);
    return frame_is_good(frame);
}

/* What was accepted is sent to workers as it is: every item must be a frame that they take. */
static void check_settings(const struct settings *s)
{
    static struct frame frame;
    ALWAYS(takes(&frame, FRAME_STORE_CONFIG, &s->store, sizeof s->store));
    if (s->has_mqtt)
        ALWAYS(takes(&frame, FRAME_MQTT_BROKER, &s->mqtt, sizeof s->mqtt));
    for (uint32_t i = 0; i < s->n_sensors; i++)
        if (s->sensors[i].source == SOURCE_GPIO)
            ALWAYS(takes(&frame, FRAME_GPIO_LINE, &s->sensors[i].gpio, sizeof s->sensors[i].gpio));
        else
            ALWAYS(takes(&frame, FRAME_MQTT_SENSOR, &s->sensors[i].mqtt, sizeof s->sensors[i].mqtt));
    for (uint32_t i = 0; i < s->n_detectors; i++)
        for (uint32_t k = 0; k < s->detectors[i].n_settings; k++)
            ALWAYS(takes(&frame, FRAME_SETTING, &s->detectors[i].settings[k], sizeof(struct frame_setting)));
    for (uint32_t i = 0; i < s->n_uplinks; i++)
        ALWAYS(takes(&frame, FRAME_UPLINK_CONFIG, &s->uplinks[i].link, sizeof s->uplinks[i].link));
    for (uint32_t i = 0; i < s->n_outputs; i++)
        ALWAYS(takes(&frame, FRAME_OUTPUT, &s->outputs[i].output, sizeof s->outputs[i].output));
}

static void load(bool strict)
{
    struct config_options options = {
        .plugin_dir = "/nowhere", .state_dir = "/state", .plugin_faults_are_errors = strict};
    struct config_errors errors;
    inside = true;
    struct settings *settings = config_load_with(FOLDER "gatewayd.conf", &options, NULL, &errors);
    inside = false;
    ALWAYS((settings != NULL) == (errors.n == 0));
    for (unsigned i = 0; i < errors.n; i++)
        ALWAYS(strchr(errors.text[i], '\n') == NULL && strncmp(errors.text[i], FOLDER, strlen(FOLDER)) == 0);
    if (settings)
        check_settings(settings);
    settings_free(settings);
    config_errors_free(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    for (n_files = 0; n_files < FILES && (n_files == 0 || input_left(&in)); n_files++)
        files[n_files] = input_part(&in, SPLIT);
    load(true);
    load(false);
    return 0;
}
