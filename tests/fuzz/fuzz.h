/* fuzz.h - what the targets share: reading an input piece by piece, and frames made of it. Each fuzz_*.c is one target:
 * libFuzzer's main drives it, or replay.c's, which runs the corpus. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever comes in. */
#define ALWAYS(condition) ((condition) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #condition))
__attribute__((noreturn)) void fuzz_broken(const char *file, int line, const char *what);

/* What is left of an input. Beyond its end everything is 0. */
struct input {
    const uint8_t *at, *end;
};
bool input_left(const struct input *in);
uint8_t input_byte(struct input *in);
uint64_t input_number(struct input *in, unsigned bytes); /* little-endian */
void input_take(struct input *in, void *out, size_t size);
/* The bytes up to the separator (which is passed over) or the end. */
struct input input_part(struct input *in, const char *separator);
/* Of input_part: as a string, cut to size, without NULs. Returns out. */
char *input_text(struct input *in, const char *separator, char *out, size_t size);

/* A frame made of the input: a type, filled with what frame_check takes, then changed here and there (frames.c). Its
 * length, which may be wrong too. */
size_t input_frame(struct input *in, struct frame *frame);
/* Fill a frame of that type with values that frame_check takes. */
struct frame *frame_sample(struct frame *frame, unsigned type);
/* The rest of input_frame: bytes of the frame are replaced. Returns the length. */
size_t input_patch(struct input *in, struct frame *frame);
bool frame_is_good(const struct frame *frame);

#endif
