#include "open.h"

#include <stdlib.h>
#include <string.h>

struct open_list {
    const struct payload_home *home;
    unsigned n, more;
    struct {
        uint16_t class_;
        char *json;
    } entries[ALERTS_MAX];
};

struct open_list *open_create(const struct payload_home *home)
{
    struct open_list *list = calloc(1, sizeof *list);
    if (list)
        list->home = home;
    return list;
}

void open_begin(struct open_list *list)
{
    for (unsigned i = 0; i < list->n; i++)
        free(list->entries[i].json);
    list->n = list->more = 0;
}

void open_destroy(struct open_list *list)
{
    if (!list)
        return;
    open_begin(list);
    free(list);
}

void open_add(struct open_list *list, const struct alert *alert)
{
    struct payload_delivery how = {
        .durable = !(alert->flags & ALERT_NOT_DURABLE), .late_ms = alert->late_ms, .compact = true};
    char *json = list->n < ALERTS_MAX ? payload_alert(list->home, alert, &how) : NULL;
    if (!json) {
        list->more++;
        return;
    }
    list->entries[list->n].class_ = alert->class_;
    list->entries[list->n].json = json;
    list->n++;
}

char *open_end(struct open_list *list)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "home", list->home->home);
    cJSON *alerts = cJSON_AddArrayToObject(object, "alerts");
    size_t bytes = 0;
    unsigned more = list->more;
    /* Emergency, warning, then technical before info: the classes' numbers are not in the order of urgency. */
    static const uint16_t order[] = {GW_EMERGENCY, GW_WARNING, GW_TECHNICAL, GW_INFO};
    for (size_t c = 0; c < sizeof order / sizeof order[0]; c++) {
        for (unsigned i = 0; i < list->n; i++) {
            if (list->entries[i].class_ != order[c])
                continue;
            bytes += strlen(list->entries[i].json) + 1;
            if (bytes > OPEN_BYTES_MAX)
                more++;
            else
                cJSON_AddItemToArray(alerts, cJSON_CreateRaw(list->entries[i].json));
        }
    }
    cJSON_AddNumberToObject(object, "more", more);
    char *json = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    open_begin(list);
    return json;
}
