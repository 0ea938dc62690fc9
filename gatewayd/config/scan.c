#include "scan.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static void broken(struct scan *scan)
{
    scan->broken = true;
}

static char partner(char close)
{
    return close == ')' ? '(' : close == ']' ? '[' : '{';
}

static void open_bracket(struct scan *scan, char bracket, unsigned line)
{
    if (scan->depth == SCAN_DEPTH) {
        if (!scan->broken)
            report_add(scan->report, line, "more than %d brackets in each other", SCAN_DEPTH);
        broken(scan);
        return;
    }
    scan->open[scan->depth].bracket = bracket;
    scan->open[scan->depth].line = line;
    scan->depth++;
}

static void close_bracket(struct scan *scan, char bracket, unsigned line)
{
    if (scan->broken) /* one wrong bracket makes many; the first is the one to mend */
        return;
    if (scan->depth == 0) {
        report_add(scan->report, line, "\"%c\" closes nothing: remove it, or look for the \"%c\" that is missing above",
                   bracket, partner(bracket));
        broken(scan);
        return;
    }
    scan->depth--;
    char open = scan->open[scan->depth].bracket;
    if (open == partner(bracket))
        return;
    char where[512];
    report_where(scan->report, scan->open[scan->depth].line, where, sizeof where);
    report_add(scan->report, line, "\"%c\" where the \"%c\" opened at %s should be closed first", bracket, open, where);
    broken(scan);
}

/* A text in quotes, from behind its opening quote; returns the place behind the closing one. libconfig would let it run
 * over the following lines and complain far below. */
static size_t scan_text(struct scan *scan, const char *text, size_t size, size_t at, unsigned line)
{
    while (at < size && text[at] != '"') {
        if (text[at] == '\0')
            report_add(scan->report, line, "a NUL byte in a text: remove it");
        if (text[at] != '\\') {
            at++;
            continue;
        }
        if (size - at >= 4 && text[at + 1] == 'x' && text[at + 2] == '0' && text[at + 3] == '0')
            report_add(scan->report, line, "\"\\x00\" (NUL) in a text: it can't be part of a topic, name or path");
        at += 2;
    }
    if (at >= size) {
        report_add(scan->report, line, "the text is not closed: its \" is missing on this line");
        broken(scan);
        return size;
    }
    return at + 1;
}

/* A number from its first digit; returns the place behind it. libconfig 1.5 keeps the low 32 bits of a bigger one, 1.7
 * takes one beyond 64 bits for a syntax error. */
static size_t scan_number(struct scan *scan, const char *text, size_t size, size_t at, unsigned line)
{
    uint64_t value = 0;
    size_t start = at;
    bool hex = size - at > 2 && text[at] == '0' && (text[at + 1] == 'x' || text[at + 1] == 'X');
    if (hex)
        at += 2;
    for (; at < size && (hex ? isxdigit((unsigned char)text[at]) : isdigit((unsigned char)text[at])); at++) {
        unsigned digit = isdigit((unsigned char)text[at]) ? (unsigned)(text[at] - '0')
                                                          : (unsigned)(tolower((unsigned char)text[at]) - 'a') + 10u;
        value = value <= UINT64_MAX / 16 - 1 ? value * (hex ? 16u : 10u) + digit : UINT64_MAX;
    }
    bool real = !hex && at < size && (text[at] == '.' || text[at] == 'e' || text[at] == 'E');
    if (!real && value > INT32_MAX)
        report_add(scan->report, line, "the number %.*s is too big", (int)(at - start > 40 ? 40 : at - start),
                   text + start);
    if (!real && value > INT64_MAX)
        broken(scan);
    while (at < size && (isalnum((unsigned char)text[at]) || text[at] == '.'))
        at++;
    return at;
}

/* Bytes outside texts and comments that libconfig does not know: typed with a Chinese keyboard, as a rule. */
static size_t scan_foreign(struct scan *scan, const char *text, size_t size, size_t at, unsigned line)
{
    size_t end = at + 1;
    while (end < size && ((unsigned char)text[end] & 0xc0) == 0x80)
        end++;
    report_add(scan->report, line,
               "\"%.*s\" outside of a text: full-width punctuation? Type = ; , \" ( ) { } with the English keyboard "
               "(请用英文标点)",
               (int)(end - at), text + at);
    broken(scan);
    return end;
}

static size_t scan_word(const char *text, size_t size, size_t at)
{
    while (at < size && (isalnum((unsigned char)text[at]) || strchr("_*-", text[at])) && text[at] != '\0')
        at++;
    return at;
}

static bool starts(const char *text, size_t size, size_t at, const char *what)
{
    return size - at >= 2 && memcmp(text + at, what, 2) == 0;
}

/* Within a comment of several lines: the place behind its end, or the end of the line. */
static size_t scan_comment(struct scan *scan, const char *text, size_t size, size_t at)
{
    for (; at < size; at++)
        if (starts(text, size, at, "*/")) {
            scan->in_comment = false;
            return at + 2;
        }
    return size;
}

void scan_line(struct scan *scan, const char *text, size_t size, unsigned line)
{
    size_t at = 0;
    while (at < size) {
        char c = text[at];
        if (scan->in_comment) {
            at = scan_comment(scan, text, size, at);
        } else if (c == '#' || starts(text, size, at, "//")) {
            return;
        } else if (starts(text, size, at, "/*")) {
            scan->in_comment = true;
            scan->comment_line = line;
            at += 2;
        } else if (c == '"') {
            at = scan_text(scan, text, size, at + 1, line);
        } else if (isdigit((unsigned char)c)) {
            at = scan_number(scan, text, size, at, line);
        } else if (isalpha((unsigned char)c) || c == '*' || c == '_') {
            at = scan_word(text, size, at + 1);
        } else if ((unsigned char)c >= 0x80 || c == '\0') {
            at = scan_foreign(scan, text, size, at, line);
        } else {
            if (c == '(' || c == '[' || c == '{')
                open_bracket(scan, c, line);
            else if (c == ')' || c == ']' || c == '}')
                close_bracket(scan, c, line);
            at++;
        }
    }
}

void scan_end(struct scan *scan)
{
    if (scan->in_comment) {
        report_add(scan->report, scan->comment_line, "the comment that begins here with /* is not closed");
        broken(scan);
    }
    if (!scan->broken && scan->depth > 0) {
        report_add(scan->report, scan->open[scan->depth - 1].line, "the \"%c\" that is opened here is not closed",
                   scan->open[scan->depth - 1].bracket);
        broken(scan);
    }
}
