/* source.h - the text of a configuration with its @include lines replaced by what they name, and where each line came
 * from. Ours and not libconfig's, because libconfig 1.5 ends the whole process when an included path is a directory or
 * can't be read, and tells only of the first include that is missing. */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

struct report;
struct source;

#define SOURCE_MAX   ((size_t)1024 * 1024) /* bytes, all files together */
#define SOURCE_DEPTH 8                     /* files that include each other */

/* Read the file and what it includes (paths relative to the main file's folder). Never NULL but when out of memory;
 * what is wrong is in the report, which refers to this source from then on. */
struct source *source_load(const char *path, struct report *report);
void source_free(struct source *source); /* NULL is legal */

/* Does it make sense to parse it? False after an error that would only cause others. */
bool source_sound(const struct source *source);
/* The whole text, NUL-terminated, without NUL inside. */
const char *source_text(const struct source *source);
/* Of a line of the text, from 1: the file's path, and its own line in *place. Lines beyond the text: the last one. */
const char *source_file(const struct source *source, unsigned line, unsigned *place);
/* A line of the text, NUL-terminated copy without leading blanks, cut to size. Returns out. */
char *source_line(const struct source *source, unsigned line, char *out, size_t size);

#endif
