/* fuzz_trace.c - recordings: the input is the file, read in pieces as small as its first byte says. What comes out are
 * readings that a detector takes, in the order of time. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "home.h"
#include "source.h"
#include "trace.h"

#define PATH "/fuzz/recording.csv"

static struct input file;
static size_t piece;

/* In place of the linker's open and read: the input, in memory. */
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    ALWAYS((flags & O_ACCMODE) == O_RDONLY && strcmp(path, PATH) == 0);
    int fd = memfd_create("recording", MFD_CLOEXEC);
    size_t size = (size_t)(file.end - file.at);
    ALWAYS(fd >= 0 && write(fd, file.at, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

ssize_t __real_read(int fd, void *data, size_t size);
ssize_t __wrap_read(int fd, void *data, size_t size);
ssize_t __wrap_read(int fd, void *data, size_t size)
{
    return __real_read(fd, data, size < piece ? size : piece);
}

static void lines(void)
{
    char error[256] = "";
    struct trace *trace = trace_open(PATH, error, sizeof error);
    struct trace_line line;
    int64_t last = 0;
    uint64_t number = 0;
    ALWAYS(trace);
    for (enum trace_result result = trace_next(trace, &line); result != TRACE_END; result = trace_next(trace, &line)) {
        ALWAYS(result == TRACE_LINE || result == TRACE_BAD);
        ALWAYS(line.number > number);
        number = line.number;
        if (result == TRACE_BAD) {
            ALWAYS(line.why && line.why[0]);
            continue;
        }
        ALWAYS(line.wall >= last && line.wall <= TRACE_WALL_LAST &&
               strlen(line.id) + strlen(line.value) <= TRACE_LINE_MAX);
        last = line.wall;
    }
    trace_close(trace);
}

static void readings(void)
{
    static struct home home;
    static struct chunk chunk;
    char error[256] = "";
    struct source source;
    uint64_t id = 0;
    int64_t at = 0;
    home_make(&home, 0);
    if (!source_trace(&source, &home.settings, PATH, error, sizeof error)) {
        ALWAYS(error[0]);
        return;
    }
    while (source.read(source.context, &chunk) == SOURCE_CHUNK) {
        ALWAYS(chunk.n >= 1 && chunk.n <= CHUNK_READINGS && time_in_limits(chunk.wall_minus_log));
        for (uint32_t i = 0; i < chunk.n; i++) {
            const char *why = "";
            ALWAYS(frame_check_reading(&chunk.reading[i], &why));
            ALWAYS(chunk.reading[i].id > id && chunk.reading[i].at >= at);
            id = chunk.reading[i].id;
            at = chunk.reading[i].at;
        }
    }
    FILE *nowhere = fopen("/dev/null", "we");
    ALWAYS(nowhere);
    source.tell(source.context, nowhere);
    (void)fclose(nowhere);
    source.close(source.context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    file = (struct input){data, data + size};
    piece = 1 + (size_t)input_byte(&file) * 16;
    lines();
    readings();
    return 0;
}
