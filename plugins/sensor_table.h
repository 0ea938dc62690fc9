/* sensor_table.h - what the sensor plugin says of itself: roles, parameters, alerts. */
#ifndef PLUGINS_SENSOR_TABLE_H
#define PLUGINS_SENSOR_TABLE_H

#include "gatewayd/plugin.h"

enum { SILENT, ALL_SILENT, BATTERY, TAMPERED, STUCK, BOUNCING, IMPLAUSIBLE, MAINS, KINDS };

static const struct gw_role roles[] = {
    {"sensors", "*", GW_ROLE_MANY | GW_ROLE_ALL, 0, "The sensors that are watched; all if none is named",
     "被监测的传感器；不写即全部"},
    {"front_door", "contact", GW_ROLE_MANY, 0,
     "Ways into the home; if none is named, every door contact may be one (used to find a bed mat that hangs)",
     "入户门；不写则任何门磁都可能是（用于判断床垫卡住）"},
};

static const struct gw_param params[] = {
    {"battery_low", GW_PARAM_NUMBER, 0, "%", "15", 0, 90, NULL, "A battery with so much or less is low",
     "电量等于或低于此值为低"},
    {"bouncing", GW_PARAM_NUMBER, 0, "changes/min", "60", 5, 6000, NULL,
     "More changes a minute than this are no person's", "每分钟变化超过此次数视为异常"},
    {"persons", GW_PARAM_NUMBER, 0, "persons", "1", 1, 20, NULL,
     "How many live here; with two or more, one may lie in bed while the other moves about",
     "常住人数；两人以上时一人卧床、另一人活动不算异常"},
    {"all_silent_after", GW_PARAM_DURATION, 0, NULL, "6 h", -1, 30.0 * 86400000, NULL,
     "No sensor at all for so long is told, if one speaks by itself, else four times as long; \"never\" turns it off",
     "超过此时间没有任何传感器消息则提醒（无定时上报的传感器时按四倍时间）；\"never\" 表示不提醒"},
    {"mains_after", GW_PARAM_DURATION, 0, NULL, "1 h", -1, 86400000, NULL,
     "Power off for so long is told; \"never\" turns it off", "停电超过此时间则提醒；\"never\" 表示不提醒"},
    {"mains_spread", GW_PARAM_DURATION, 0, NULL, "1 h", 0, 14400000, NULL,
     "Up to so much later, differently in each home: no storm when the town is dark",
     "各户在此时间内错开上报，避免大面积停电时集中上报"},
};

#define TECHNICAL(name, flags, code, en, zh, doc_en, doc_zh)                                                           \
    {                                                                                                                  \
        name, GW_TECHNICAL, flags, code, en, zh, doc_en, doc_zh                                                        \
    }

static const struct gw_alert_kind alerts[] = {
    [SILENT] = TECHNICAL("sensor-silent", GW_ALERT_LOST, "0049 0073", "Sensor silent", "传感器无消息",
                         "A sensor has been silent for longer than it ever is; ends when it is heard",
                         "传感器无消息的时间超过平时；收到消息后解除"),
    [ALL_SILENT] = TECHNICAL("sensors-silent", 0, "0032 0063", "All sensors silent", "全部传感器无消息",
                             "No sensor at all has been heard; ends when one is", "没有收到任何传感器消息；收到后解除"),
    [BATTERY] = TECHNICAL("battery-low", 0, "0049 0016", "Battery low", "电量低",
                          "A battery is low; ends when it has been changed", "传感器电量低；更换后解除"),
    [TAMPERED] =
        TECHNICAL("tamper", 0, "0038 0125", "Sensor opened", "传感器被拆动",
                  "A sensor was opened or taken off; ends when it is closed again", "传感器被打开或拆下；复原后解除"),
    [STUCK] = TECHNICAL("sensor-stuck", 0, "0049 0067", "Sensor stuck", "传感器卡住",
                        "A sensor has been on for longer than is plausible; ends when it is off",
                        "传感器触发时间过长；恢复后解除"),
    [BOUNCING] =
        TECHNICAL("sensor-bouncing", 0, "0049 0105", "Sensor bouncing", "传感器抖动",
                  "A sensor changes too often; ends after ten quiet minutes", "传感器变化过于频繁；安静十分钟后解除"),
    [IMPLAUSIBLE] =
        TECHNICAL("sensor-implausible", 0, "0049 0067", "Sensor implausible", "传感器读数不合理",
                  "What a sensor says can't be; ends when it says something else", "传感器读数不合常理；恢复后解除"),
    [MAINS] = TECHNICAL("mains-lost", 0, "0041 0085", "Power off", "停电",
                        "The power has been off for long; ends when it is back", "停电时间较长；来电后解除"),
};

#endif
