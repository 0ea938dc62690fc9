/* format_tables.c - where each device family puts what it says. Order within a type is preference. */
#include "base/kinds.h"
#include "format_internal.h"
#include "gatewayd/plugin.h"

#define PRESSED  (KINDS(KIND_BUTTON) | KINDS(KIND_CORD))
#define PEOPLE   (KINDS(KIND_MOTION) | KINDS(KIND_PRESENCE) | KINDS(KIND_BED))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Names that many devices share, at the top of the object. */
/* clang-format off */
#define COMMON_ATTRIBUTES                                                                                              \
    {ANY_KIND, GW_BATTERY, TO_PERCENT, "battery"}, {ANY_KIND, GW_BATTERY_LOW, TO_LEVEL, "battery_low"},                \
    {ANY_KIND, GW_TAMPER, TO_LEVEL, "tamper"}, {ANY_KIND, GW_LINK, TO_LINK, "linkquality"},                            \
    {ANY_KIND, GW_LINK, TO_LINK_DBM, "rssi"}
/* clang-format on */

static const struct format_rule json_rules[] = {
    COMMON_ATTRIBUTES,
};

/* clang-format off */
static const struct format_rule zigbee2mqtt_rules[] = {
    {KINDS(KIND_CONTACT), GW_VALUE, TO_OPPOSITE, "contact"},
    {KINDS(KIND_CONTACT), GW_VALUE, TO_LEVEL, "window_open"},
    {KINDS(KIND_CONTACT), GW_VALUE, TO_LEVEL, "state"},
    {KINDS(KIND_BED), GW_VALUE, TO_LEVEL, "bed_occupancy"},
    {KINDS(KIND_PRESENCE) | KINDS(KIND_BED), GW_VALUE, TO_LEVEL, "presence"},
    {PEOPLE, GW_VALUE, TO_LEVEL, "occupancy"},
    {PEOPLE, GW_VALUE, TO_LEVEL, "presence"},
    {PEOPLE, GW_VALUE, TO_LEVEL, "motion"},
    {PEOPLE, GW_VALUE, TO_LEVEL, "human_motion_state"},
    {PEOPLE, GW_VALUE, TO_LEVEL, "occupancy_1"},
    {KINDS(KIND_VIBRATION), GW_VALUE, TO_LEVEL, "vibration"},
    {PRESSED, GW_VALUE, TO_EVENT, "action"},
    {PRESSED, GW_VALUE, TO_EVENT, "click"},
    {PRESSED, GW_VALUE, TO_SWITCH, "sos"},
    {PRESSED, GW_VALUE, TO_SWITCH, "emergency"},
    {PRESSED, GW_VALUE, TO_SWITCH, "button_pushed"},
    {PRESSED, GW_VALUE, TO_SWITCH, "state"},
    {KINDS(KIND_FALL), GW_VALUE, TO_FALL, "fall_down_status"},
    {KINDS(KIND_FALL), GW_VALUE, TO_FALL, "fall_status"},
    {KINDS(KIND_FALL), GW_VALUE, TO_FALL, "fall_detected"},
    {KINDS(KIND_FALL), GW_VALUE, TO_FALL, "fall"},
    {KINDS(KIND_LEAK), GW_VALUE, TO_LEVEL, "water_leak"},
    {KINDS(KIND_LEAK), GW_VALUE, TO_LEVEL, "active_water_leak"},
    {KINDS(KIND_SMOKE), GW_VALUE, TO_LEVEL, "smoke"},
    {KINDS(KIND_GAS), GW_VALUE, TO_LEVEL, "gas"},
    {KINDS(KIND_CO), GW_VALUE, TO_LEVEL, "carbon_monoxide"},
    {KINDS(KIND_HEAT), GW_VALUE, TO_LEVEL, "heat"},
    {KINDS(KIND_TEMPERATURE), GW_VALUE, TO_NUMBER, "temperature"},
    {KINDS(KIND_TEMPERATURE), GW_VALUE, TO_NUMBER, "local_temperature"},
    {KINDS(KIND_TEMPERATURE), GW_VALUE, TO_NUMBER, "temperature_l1"},
    {KINDS(KIND_HUMIDITY), GW_VALUE, TO_NUMBER, "humidity"},
    {KINDS(KIND_POWER), GW_VALUE, TO_NUMBER, "power"},
    {KINDS(KIND_MAINS), GW_VALUE, TO_LEVEL, "mains_power_connected"},
    {KINDS(KIND_MAINS), GW_VALUE, TO_LEVEL, "ac_connected"},
    {KINDS(KIND_MAINS), GW_VALUE, TO_OPPOSITE, "ac_status"}, /* the IAS zone's "mains fault" bit */
    {KINDS(KIND_STATE), GW_VALUE, TO_LEVEL, "state"},
    COMMON_ATTRIBUTES,
};

/* stat/<t>/RESULT and POWER, tele/<t>/SENSOR and STATE, and what its Zigbee bridge passes on. */
static const struct format_rule tasmota_rules[] = {
    {PRESSED, GW_VALUE, TO_EVENT, "Button*.Action"},
    {PRESSED, GW_VALUE, TO_SWITCH, "Switch*.Action"},
    {PRESSED, GW_VALUE, TO_SWITCH, "ZbReceived.*.Power"},
    {~PRESSED, GW_VALUE, TO_DEFAULT, "Switch*.Action"},
    {KINDS(KIND_CONTACT), GW_VALUE, TO_LEVEL, "ZbReceived.*.Contact"},
    {KINDS(KIND_CONTACT), GW_VALUE, TO_LEVEL, "ZbReceived.*.ZoneStatusChange"},
    {PEOPLE, GW_VALUE, TO_LEVEL, "ZbReceived.*.Occupancy"},
    {KINDS(KIND_LEAK), GW_VALUE, TO_LEVEL, "ZbReceived.*.Water"},
    {KINDS(KIND_SMOKE), GW_VALUE, TO_LEVEL, "ZbReceived.*.Fire"},
    {KINDS(KIND_CO), GW_VALUE, TO_LEVEL, "ZbReceived.*.CO"},
    {KINDS(KIND_TEMPERATURE), GW_VALUE, TO_NUMBER, "ZbReceived.*.Temperature"},
    {KINDS(KIND_TEMPERATURE), GW_VALUE, TO_NUMBER, "*.Temperature"},
    {KINDS(KIND_HUMIDITY), GW_VALUE, TO_NUMBER, "ZbReceived.*.Humidity"},
    {KINDS(KIND_HUMIDITY), GW_VALUE, TO_NUMBER, "*.Humidity"},
    {KINDS(KIND_POWER), GW_VALUE, TO_NUMBER, "ENERGY.Power"},
    {~(KINDS(KIND_TEMPERATURE) | KINDS(KIND_HUMIDITY) | KINDS(KIND_POWER) | KINDS(KIND_NUMBER)), GW_VALUE, TO_DEFAULT,
     "Switch*"},
    {~(KINDS(KIND_TEMPERATURE) | KINDS(KIND_HUMIDITY) | KINDS(KIND_POWER) | KINDS(KIND_NUMBER)), GW_VALUE, TO_DEFAULT,
     "POWER*"},
    {ANY_KIND, GW_BATTERY, TO_PERCENT, "ZbReceived.*.BatteryPercentage"},
    {ANY_KIND, GW_LINK, TO_LINK, "ZbReceived.*.LinkQuality"},
    {ANY_KIND, GW_LINK, TO_LINK_PERCENT, "Wifi.RSSI"}, /* Tasmota's RSSI is a per cent */
};

/* One topic per entity; only its event entities speak JSON. */
static const struct format_rule esphome_rules[] = {
    {PRESSED, GW_VALUE, TO_EVENT, "event_type"},
    {ANY_KIND, GW_VALUE, TO_DEFAULT, "state"},
};

/* Gen1: input_event/<n>, status and info; Gen2+: status/<component> and events/rpc. */
static const struct format_rule shelly_rules[] = {
    {PRESSED, GW_VALUE, TO_EVENT, "event"},
    {PRESSED, GW_VALUE, TO_SWITCH, "state"},
    {PRESSED, GW_VALUE, TO_SWITCH, "params.input:*.state"},
    {PEOPLE, GW_VALUE, TO_LEVEL, "motion"},
    {PEOPLE, GW_VALUE, TO_LEVEL, "sensor.motion"},
    {PEOPLE, GW_VALUE, TO_LEVEL, "state"},
    {PEOPLE, GW_VALUE, TO_LEVEL, "params.input:*.state"},
    {KINDS(KIND_VIBRATION), GW_VALUE, TO_LEVEL, "vibration"},
    {KINDS(KIND_VIBRATION), GW_VALUE, TO_LEVEL, "sensor.vibration"},
    {KINDS(KIND_CONTACT), GW_VALUE, TO_LEVEL, "sensor.state"},
    {KINDS(KIND_CONTACT) | KINDS(KIND_STATE), GW_VALUE, TO_LEVEL, "state"},
    {KINDS(KIND_CONTACT) | KINDS(KIND_STATE), GW_VALUE, TO_LEVEL, "params.input:*.state"},
    {KINDS(KIND_STATE), GW_VALUE, TO_LEVEL, "output"},
    {KINDS(KIND_STATE), GW_VALUE, TO_LEVEL, "params.switch:*.output"},
    {KINDS(KIND_LEAK) | KINDS(KIND_SMOKE) | KINDS(KIND_GAS) | KINDS(KIND_CO), GW_VALUE, TO_LEVEL, "alarm"},
    {KINDS(KIND_SMOKE), GW_VALUE, TO_LEVEL, "params.smoke:*.alarm"},
    {KINDS(KIND_LEAK), GW_VALUE, TO_LEVEL, "params.flood:*.alarm"},
    {KINDS(KIND_TEMPERATURE), GW_VALUE, TO_NUMBER, "tC"},
    {KINDS(KIND_TEMPERATURE), GW_VALUE, TO_NUMBER, "tmp.tC"},
    {KINDS(KIND_TEMPERATURE), GW_VALUE, TO_NUMBER, "params.temperature:*.tC"},
    {KINDS(KIND_HUMIDITY), GW_VALUE, TO_NUMBER, "rh"},
    {KINDS(KIND_HUMIDITY), GW_VALUE, TO_NUMBER, "hum.value"},
    {KINDS(KIND_HUMIDITY), GW_VALUE, TO_NUMBER, "params.humidity:*.rh"},
    {KINDS(KIND_POWER), GW_VALUE, TO_NUMBER, "apower"},
    {KINDS(KIND_POWER), GW_VALUE, TO_NUMBER, "params.switch:*.apower"},
    {KINDS(KIND_MAINS), GW_VALUE, TO_LEVEL, "external.present"},
    {KINDS(KIND_MAINS), GW_VALUE, TO_LEVEL, "params.devicepower:*.external.present"},
    {ANY_KIND, GW_BATTERY, TO_PERCENT, "bat.value"},
    {ANY_KIND, GW_BATTERY, TO_PERCENT, "bat"},
    {ANY_KIND, GW_BATTERY, TO_PERCENT, "battery.percent"},
    {ANY_KIND, GW_BATTERY, TO_PERCENT, "battery"},
    {ANY_KIND, GW_BATTERY, TO_PERCENT, "params.devicepower:*.battery.percent"},
    {ANY_KIND, GW_LINK, TO_LINK_DBM, "wifi_sta.rssi"},
    {ANY_KIND, GW_LINK, TO_LINK_DBM, "params.wifi.rssi"},
    {ANY_KIND, GW_LINK, TO_LINK_DBM, "rssi"},
};
/* clang-format on */

const struct format_table *format_table(unsigned format)
{
    static const struct format_table tables[FORMAT_COUNT] = {
        [FORMAT_RAW] = {NULL, 0, TO_LEVEL},
        [FORMAT_JSON] = {json_rules, COUNT(json_rules), TO_LEVEL},
        [FORMAT_ZIGBEE2MQTT] = {zigbee2mqtt_rules, COUNT(zigbee2mqtt_rules), TO_OPPOSITE},
        [FORMAT_TASMOTA] = {tasmota_rules, COUNT(tasmota_rules), TO_LEVEL},
        [FORMAT_ESPHOME] = {esphome_rules, COUNT(esphome_rules), TO_LEVEL},
        [FORMAT_SHELLY] = {shelly_rules, COUNT(shelly_rules), TO_LEVEL},
    };
    return &tables[format];
}
