#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"
#include "scan.h"

struct place {
    unsigned file, line;
};

struct source {
    char *text;
    size_t size, capacity;
    struct place *places; /* one per line of the text */
    unsigned n_places, places_capacity;
    char **files; /* a file that is included twice is here twice */
    unsigned n_files;
    char *folder; /* of the main file, with its slash; "" for the working directory */
    bool sound;
};

struct loading {
    struct source *source;
    struct report *report;
    struct scan scan;
    unsigned open[SOURCE_DEPTH]; /* files being read, outermost first */
    unsigned depth;
};

static bool grow(void **array, size_t element, size_t need, size_t *capacity)
{
    if (need <= *capacity)
        return true;
    size_t wanted = need * 2 < 256 ? 256 : need * 2;
    void *grown = realloc(*array, wanted * element);
    if (!grown)
        return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

static void fault(struct loading *loading, unsigned line, const char *path, const char *what)
{
    report_add(loading->report, line, "\"%s\": %s", path, what);
    loading->source->sound = false;
}

/* Note where the next line of the text comes from; its number, or 0 without memory. */
static unsigned next_line(struct loading *loading, unsigned file, unsigned line)
{
    struct source *source = loading->source;
    size_t capacity = source->places_capacity;
    if (!grow((void **)&source->places, sizeof *source->places, source->n_places + 1u, &capacity))
        return 0;
    source->places_capacity = (unsigned)capacity;
    source->places[source->n_places++] = (struct place){file, line};
    return source->n_places;
}

/* Add a line and its newline; NULs have been reported and become blanks, so that the text stays one C string. */
static bool append(struct source *source, const char *line, size_t size)
{
    if (!grow((void **)&source->text, 1, source->size + size + 2, &source->capacity))
        return false;
    for (size_t i = 0; i < size; i++)
        source->text[source->size++] = line[i] ? line[i] : ' ';
    source->text[source->size++] = '\n';
    source->text[source->size] = '\0';
    return true;
}

/* The whole file, or NULL with the reason in *why. Only regular files: a FIFO would block for ever. */
static char *read_whole(const char *path, size_t room, size_t *size, const char **why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        *why = strerror(errno);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    char *data = NULL;
    if (!S_ISREG(info.st_mode)) {
        *why = "is not a regular file";
    } else if ((size_t)info.st_size > room) {
        *why = "is too big: all files together may have 1 MiB";
    } else if (!(data = malloc((size_t)info.st_size + 1))) {
        *why = "out of memory";
    } else {
        size_t got = 0;
        ssize_t n = 1;
        while (got < (size_t)info.st_size && (n = read(fd, data + got, (size_t)info.st_size - got)) > 0)
            got += (size_t)n;
        *size = got;
        if (n < 0) {
            *why = strerror(errno);
            free(data);
            data = NULL;
        }
    }
    close(fd);
    return data;
}

static bool read_file(struct loading *loading, const char *path, unsigned from_line);

static bool included_already(const struct loading *loading, const char *path)
{
    for (unsigned i = 0; i < loading->depth; i++)
        if (strcmp(loading->source->files[loading->open[i]], path) == 0)
            return true;
    return false;
}

static bool include(struct loading *loading, const char *name, size_t size, unsigned line)
{
    char path[4096];
    const char *folder = size > 0 && name[0] == '/' ? "" : loading->source->folder;
    int length = snprintf(path, sizeof path, "%s%.*s", folder, (int)(size > 4000 ? 4000 : size), name);
    if (length < 0 || (size_t)length >= sizeof path || size > 4000 || memchr(name, '\0', size))
        fault(loading, line, "@include", "the path is too long or contains NUL");
    else if (included_already(loading, path))
        fault(loading, line, path, "includes itself");
    else if (loading->depth == SOURCE_DEPTH)
        fault(loading, line, path, "more than 8 files include each other");
    else
        return read_file(loading, path, line);
    return true;
}

/* Is it an @include line? Then do what it says. libconfig takes the word at the beginning of a line only. */
static bool handle_include(struct loading *loading, const char *text, size_t size, unsigned line, bool *handled)
{
    static const char word[] = "@include";
    size_t at = 0;
    while (at < size && (text[at] == ' ' || text[at] == '\t'))
        at++;
    *handled =
        !loading->scan.in_comment && size - at >= sizeof word - 1 && memcmp(text + at, word, sizeof word - 1) == 0;
    if (!*handled)
        return true;
    at += sizeof word - 1;
    while (at < size && (text[at] == ' ' || text[at] == '\t'))
        at++;
    const char *name = text + at + 1;
    const char *end = at < size && text[at] == '"' ? memchr(name, '"', size - at - 1) : NULL;
    if (!end || end == name) {
        fault(loading, line, "@include", "a path in quotes must follow: @include \"profiles/independent.conf\"");
        return append(loading->source, "", 0);
    }
    size_t rest = (size_t)(end - text) + 1;
    while (rest < size && text[rest] != '\0' && strchr(" \t;\r", text[rest]))
        rest++;
    if (rest < size && text[rest] != '#' && (size - rest < 2 || memcmp(text + rest, "//", 2) != 0))
        fault(loading, line, "@include", "nothing but a comment may follow on the line");
    return append(loading->source, "", 0) && include(loading, name, (size_t)(end - name), line);
}

static bool read_lines(struct loading *loading, unsigned file, const char *text, size_t size)
{
    static const char mark[] = "\xef\xbb\xbf"; /* Windows editors put it at the beginning of a file */
    size_t at = size >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    for (unsigned line = 1; at < size; line++) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        unsigned number = next_line(loading, file, line);
        bool included = false;
        if (number == 0 || !handle_include(loading, text + at, length, number, &included))
            return false;
        if (!included) {
            scan_line(&loading->scan, text + at, length, number);
            if (!append(loading->source, text + at, length))
                return false;
        }
        at += length + 1;
    }
    return true;
}

/* from_line: where it is included, 0 for the main file. False: out of memory. */
static bool read_file(struct loading *loading, const char *path, unsigned from_line)
{
    struct source *source = loading->source;
    char **files = realloc(source->files, (source->n_files + 1) * sizeof *files);
    if (!files)
        return false;
    source->files = files;
    if (!(files[source->n_files] = strdup(path)))
        return false;
    unsigned file = source->n_files++;
    /* line 1 of the text stands for the file as a whole */
    if (from_line == 0 && (next_line(loading, 0, 1) != 1 || !append(source, "", 0)))
        return false;
    size_t size = 0;
    const char *why = NULL;
    char *data = read_whole(path, SOURCE_MAX - (source->size < SOURCE_MAX ? source->size : SOURCE_MAX), &size, &why);
    if (!data) {
        fault(loading, from_line ? from_line : 1, path, why);
        return true;
    }
    loading->open[loading->depth++] = file;
    bool ok = read_lines(loading, file, data, size);
    loading->depth--;
    free(data);
    return ok;
}

struct source *source_load(const char *path, struct report *report)
{
    struct source *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->sound = true;
    struct loading loading = {.source = source, .report = report, .scan = {.report = report}};
    report_set_source(report, source);
    const char *slash = strrchr(path, '/');
    source->folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("");
    if (!source->folder || !read_file(&loading, path, 0)) {
        report_set_source(report, NULL);
        source_free(source);
        return NULL;
    }
    scan_end(&loading.scan);
    if (loading.scan.broken)
        source->sound = false;
    return source;
}

void source_free(struct source *source)
{
    if (!source)
        return;
    for (unsigned i = 0; i < source->n_files; i++)
        free(source->files[i]);
    free(source->files);
    free(source->places);
    free(source->text);
    free(source->folder);
    free(source);
}

bool source_sound(const struct source *source)
{
    return source->sound;
}

const char *source_text(const struct source *source)
{
    return source->text;
}

const char *source_file(const struct source *source, unsigned line, unsigned *place)
{
    if (line == 0 || source->n_places == 0) {
        *place = 0;
        return source->n_files ? source->files[0] : "";
    }
    const struct place *found = &source->places[(line <= source->n_places ? line : source->n_places) - 1];
    *place = found->line;
    return source->files[found->file];
}

char *source_line(const struct source *source, unsigned line, char *out, size_t size)
{
    const char *text = source->text;
    for (unsigned i = 1; i < line && *text; i++)
        text += strcspn(text, "\n") + 1;
    text += strspn(text, " \t");
    snprintf(out, size, "%.*s", (int)strcspn(text, "\r\n"), text);
    return out;
}
