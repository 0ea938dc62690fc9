/* frame_detector.h - bodies of the frames between the core and a detector's process. Included by frame.h, which says
 * who sends what. */
#ifndef BASE_FRAME_DETECTOR_H
#define BASE_FRAME_DETECTOR_H

#include <stdint.h>

#include "gatewayd/plugin.h"
#include "limits.h"
#include "reading.h"

struct frame_plugin_info {
    char name[NAME_SIZE], version[NAME_SIZE];
    char summary_en[GW_MAX_TEXT], summary_zh[GW_MAX_TEXT];
    int64_t history; /* ms */
    uint32_t n_roles, n_params, n_alerts;
    uint32_t momentary; /* 1: every alert kind is momentary: READY may wait for it */
    uint16_t abi_major, abi_minor;
    uint32_t reserved;
};

struct frame_plugin_role {
    char name[NAME_SIZE];
    char kinds[TEXT_SIZE];
    char doc_en[TEXT_SIZE], doc_zh[TEXT_SIZE];
    uint32_t flags;
    uint32_t reserved;
};

struct frame_plugin_param {
    char name[NAME_SIZE];
    char unit[NAME_SIZE];
    char default_value[TEXT_SIZE];
    char choices[TEXT_SIZE];
    char doc_en[TEXT_SIZE], doc_zh[TEXT_SIZE];
    double minimum, maximum;
    uint32_t type;
    uint32_t has_default;
};

struct frame_plugin_alert {
    char name[NAME_SIZE];
    char code[12];
    uint32_t class_;
    uint32_t flags;
    char title_en[GW_MAX_TEXT], title_zh[GW_MAX_TEXT];
    char doc_en[TEXT_SIZE], doc_zh[TEXT_SIZE];
};

struct frame_bind { /* a sensor this detector wants to see, in the order of the plugin's indices */
    char role[NAME_SIZE];
    uint16_t slot;
    uint16_t required; /* 1: the detector is blind while it is lost */
    uint32_t reserved;
};

#define BATCH_LIVE 0x01u /* caught up: `until` is now */

struct frame_batch {
    uint64_t token;
    int64_t until; /* log time: every reading up to here is in this or an earlier batch; wakes up to here are due */
    int64_t wall_minus_log; /* for local times */
    uint32_t clock;         /* enum clock_quality */
    uint32_t flags;
    uint32_t n; /* may be 0 */
    uint32_t reserved;
    struct reading reading[READINGS_PER_FRAME];
};

struct frame_condition { /* raised or cleared while the batch was handled; all of them come before BATCH_DONE */
    uint32_t raised;     /* 1 raise, 0 clear */
    uint32_t kind;       /* index into the plugin's alerts */
    char key[GW_MAX_KEY];
    uint64_t episode; /* raise only, as all that follows but reading and at */
    uint64_t reading; /* id of the last reading seen when it was said */
    int64_t at;       /* log time of the reading or wake in whose call it was said */
    int64_t since;
    char text_en[GW_MAX_TEXT], text_zh[GW_MAX_TEXT];
    char limit[NAME_SIZE];
    uint32_t n_evidence;
    uint32_t flags;                           /* GW_TEST: made from a test reading */
    struct reading evidence[GW_MAX_EVIDENCE]; /* sensor: slot */
};

struct frame_batch_done {
    uint64_t token;
    int64_t wake;     /* log time of the next wake wished for; 0: none */
    uint32_t raises;  /* conditions said in this batch, also those not sent on because there were too many */
    uint32_t dropped; /* of these not sent */
};

struct frame_health {
    uint32_t state; /* enum gw_health */
    uint32_t reserved;
    char text_en[GW_MAX_TEXT], text_zh[GW_MAX_TEXT]; /* "" with GW_HEALTH_OK */
};

#endif
