/* reader.h - the only door to libconfig: a parsed text as a tree of nodes that can be asked, never changed. */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include <stdbool.h>
#include <stddef.h>

enum node_type { NODE_NUMBER, NODE_REAL, NODE_TEXT, NODE_FLAG, NODE_GROUP, NODE_ARRAY, NODE_LIST };

struct reader;
struct node; /* lives as long as its reader */

/* NULL on a syntax error (message and its line) or without memory (line 0). libconfig stops at the first one. */
struct reader *reader_parse(const char *text, const char **error, unsigned *line);
void reader_free(struct reader *reader); /* NULL is legal */
const struct node *reader_root(const struct reader *reader);

enum node_type node_type(const struct node *node);
const char *node_type_name(const struct node *node); /* "a whole number", "text" ..., for messages */
const char *node_name(const struct node *node);      /* "" for an element of a list */
/* Of the text, from 1. An element of an array has the line of the array: libconfig often names the one after it. */
unsigned node_line(const struct node *node);

/* Children of a group, a list or an array; 0 and NULL for others and beyond the end. */
unsigned node_count(const struct node *node);
const struct node *node_child(const struct node *node, unsigned i);
/* Of a group, by name. NULL if there is none, or node is NULL or no group. */
const struct node *node_member(const struct node *node, const char *name);

/* A number, real, flag or text as text; false if it is none of these or does not fit. */
bool node_scalar(const struct node *node, char *out, size_t size);

#endif
