/* format_json.c - paths into a JSON document. */
#include <stdlib.h>
#include <string.h>

#include "format_internal.h"

static bool name_fits(const char *name, const char *component, size_t n)
{
    if (n > 0 && component[n - 1] == '*')
        return strncmp(name, component, n - 1) == 0;
    return strncmp(name, component, n) == 0 && name[n] == '\0';
}

/* The path is at most TEXT_SIZE long, so this recursion is bounded. */
const cJSON *format_find(const cJSON *node, const char *path)
{
    if (path[0] == '\0')
        return node;
    size_t n = strcspn(path, ".");
    const char *rest = path + n + (path[n] == '.');
    const cJSON *child = NULL;
    if (cJSON_IsArray(node)) {
        char *end;
        long index = strtol(path, &end, 10);
        return end == path + n && index >= 0 && index < 10000 ? format_find(cJSON_GetArrayItem(node, (int)index), rest)
                                                              : NULL;
    }
    if (!cJSON_IsObject(node))
        return NULL;
    cJSON_ArrayForEach(child, node)
    {
        if (child->string != NULL && name_fits(child->string, path, n)) {
            const cJSON *found = format_find(child, rest);
            if (found != NULL)
                return found;
        }
    }
    return NULL;
}
