#include "text.h"

#include <string.h>

#include "limits.h"

/* Length of the UTF-8 character at data (at most size bytes), 0 if it is none. */
static inline size_t utf8_character(const unsigned char *data, size_t size)
{
    unsigned char first = data[0];
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length > size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((data[i] & 0xc0) != 0x80)
            return 0;
    }
    /* Overlong forms, surrogates and what lies beyond U+10FFFF. */
    if ((first == 0xe0 && data[1] < 0xa0) || (first == 0xed && data[1] > 0x9f) || (first == 0xf0 && data[1] < 0x90) ||
        (first == 0xf4 && data[1] > 0x8f))
        return 0;
    return length;
}

bool text_utf8(const char *data, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)data;
    for (size_t i = 0; i < size;) {
        size_t length = bytes[i] == '\0' ? 0 : utf8_character(bytes + i, size - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

/* Are the next eight bytes letters, digits and the like? Most of any text is. A "no" is not certain. */
static bool plain_eight(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    const uint64_t ones = UINT64_C(0x0101010101010101);
    return ((word | (word - ones * ' ') | (word + ones)) & (ones << 7)) == 0; /* none above 0x7f, below ' ', 0x7f */
}

static bool is_control(unsigned char c)
{
    return (c < ' ' && c != '\t' && c != '\n') || c == 0x7f;
}

bool text_valid(const char *array, size_t size)
{
    const char *end = memchr(array, '\0', size);
    if (end == NULL)
        return false;
    const unsigned char *bytes = (const unsigned char *)array;
    for (size_t i = 0, length = (size_t)(end - array), n = 0; i < length; i += n) {
        unsigned char c = bytes[i];
        n = sizeof(uint64_t);
        if (length - i >= n && plain_eight(bytes + i))
            continue;
        if (is_control(c))
            return false;
        n = utf8_character(bytes + i, length - i);
        if (n == 0)
            return false;
    }
    return true;
}

/* Do these bytes begin a character and end before it does? */
static bool is_cut(const unsigned char *bytes, size_t size)
{
    size_t i = 1;
    while (i < size && (bytes[i] & 0xc0) == 0x80)
        i++;
    size_t length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    return bytes[0] >= 0xc2 && bytes[0] <= 0xf4 && i == size && size < length;
}

void text_clean(char *text)
{
    unsigned char *bytes = (unsigned char *)text;
    for (size_t i = 0, length = strlen(text), n = 0; i < length; i += n) {
        n = utf8_character(bytes + i, length - i);
        if (n == 0 && is_cut(bytes + i, length - i)) {
            bytes[i] = '\0';
            return;
        }
        if (n == 0 || is_control(bytes[i])) {
            bytes[i] = '?';
            n = 1;
        }
    }
}

void text_clean_line(char *text)
{
    text_clean(text);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\n' || *c == '\t')
            *c = '?';
}

bool text_copy(char *dst, size_t size, const char *src)
{
    if (size == 0)
        return false;
    size_t length = src != NULL ? strlen(src) : 0;
    size_t keep = length;
    if (keep >= size) {
        keep = size - 1;
        /* Not in the middle of a character: a continuation byte must not be the first one that is left out. */
        while (keep > 0 && ((unsigned char)src[keep] & 0xc0) == 0x80)
            keep--;
    }
    if (keep > 0)
        memmove(dst, src, keep);
    dst[keep] = '\0';
    return keep == length;
}

bool text_is_name(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length >= NAME_SIZE)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (i == 0 || (c != '.' && c != '_' && c != '-')))
            return false;
    }
    return true;
}

#define WORD_MAX 64 /* longer words have no neighbours */

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein distance (neighbouring letters swapped count once); both words shorter than WORD_MAX. */
static unsigned distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned rows[3][WORD_MAX + 1]; /* the row before last, the last, the current one */
    unsigned *before = rows[0], *last = rows[1], *row = rows[2];
    for (unsigned j = 0; j <= b_length; j++)
        last[j] = before[j] = j;
    for (unsigned i = 1; i <= a_length; i++) {
        row[0] = i;
        for (unsigned j = 1; j <= b_length; j++) {
            unsigned changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = smaller(changed, smaller(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        unsigned *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[b_length];
}

const char *text_nearest(const char *word, const char *const candidates[], size_t n)
{
    size_t length = strlen(word);
    if (length == 0 || length >= WORD_MAX)
        return NULL;
    unsigned limit = length >= 3 ? (unsigned)length / 3 : 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t candidate = strlen(candidates[i]);
        if (candidate >= WORD_MAX)
            continue;
        unsigned d = distance(word, length, candidates[i], candidate);
        if (d <= limit && (nearest == NULL || d < limit)) {
            nearest = candidates[i];
            limit = d;
        }
    }
    return nearest;
}

bool text_list_has(const char *list, const char *word)
{
    size_t length = strlen(word);
    if (length == 0)
        return false;
    while (*list != '\0') {
        size_t item = strcspn(list, " ");
        if (item == length && memcmp(list, word, length) == 0)
            return true;
        list += item;
        list += strspn(list, " ");
    }
    return false;
}

bool text_kinds_take(const char *kinds, const char *kind)
{
    return strcmp(kinds, "*") == 0 || text_list_has(kinds, kind);
}
