/* replay.c - a target without a fuzzer: runs files, or all files of folders, in the order of their names. Says one line
 * for the test runner. The name of the input being run stands in the output, so that a crash names its input. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned run_file(const char *path)
{
    FILE *file = fopen(path, "rbe");
    struct stat info;
    if (!file || fstat(fileno(file), &info) != 0) {
        (void)fprintf(stderr, "%s can't be read\n", path);
        exit(1);
    }
    /* A block of exactly the input's size: reading beyond it is found. */
    size_t size = (size_t)info.st_size;
    uint8_t *data = malloc(size ? size : 1);
    if (!data || fread(data, 1, size, file) != size) {
        (void)fprintf(stderr, "%s can't be read whole\n", path);
        exit(1);
    }
    (void)fclose(file);
    printf("# %s\n", path);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static unsigned run_folder(const char *path)
{
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, NULL, alphasort);
    unsigned count = 0;
    for (int i = 0; i < n; i++) {
        char name[1024];
        (void)snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            count += run_file(name);
        free(entries[i]);
    }
    free(entries);
    return count;
}

int main(int argc, char **argv)
{
    static const char *const corpus[] = {CORPUS};
    const char *const *paths = argc > 1 ? (const char *const *)argv + 1 : corpus;
    int n_paths = argc > 1 ? argc - 1 : 1;
    unsigned count = 0;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..1\n");
    for (int i = 0; i < n_paths; i++) {
        struct stat info;
        bool folder = stat(paths[i], &info) == 0 && S_ISDIR(info.st_mode);
        count += folder ? run_folder(paths[i]) : run_file(paths[i]);
    }
    printf("%sok 1 - the_corpus_does_no_harm\n# %u inputs\n", count ? "" : "not ", count);
    return count == 0;
}
