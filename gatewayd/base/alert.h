/* alert.h - an alert as core, store, uplink and gatewayctl exchange it. Plain data, no pointers, fixed size. */
#ifndef BASE_ALERT_H
#define BASE_ALERT_H

#include <stdint.h>

#include "gatewayd/plugin.h"
#include "limits.h"

enum alert_state {
    ALERT_RAISED = 1,
    ALERT_ACCEPTED, /* the platform's application has it: automatic, stops the resending, tells nobody that help knows
                     */
    ALERT_ACKNOWLEDGED, /* a person at the platform has taken it */
    ALERT_CLEARED,      /* the condition is true no longer */
    ALERT_CANCELLED,    /* the resident cancelled it in time, or its detector was taken out of the configuration */
    ALERT_CLOSED        /* dealt with: the platform closed it, or it is cleared and needs nobody */
};

/* flags */
#define ALERT_TEST          0x0001u /* made by a test reading */
#define ALERT_MOMENTARY     0x0002u /* cannot clear by itself */
#define ALERT_REQUEST       0x0004u /* a service request */
#define ALERT_NOT_DURABLE   0x0008u /* the disk had not confirmed it when it was sent */
#define ALERT_LOCAL_ACK     0x0010u /* somebody at home acknowledged it: recorded, changes nothing else */
#define ALERT_ACCEPTED_ONCE 0x0020u /* the platform's application has accepted it at some revision */
#define ALERT_ACKED         0x0040u /* a person has acknowledged it; stays set when it clears */
#define ALERT_ENDED         0x0080u /* its condition is over (cleared or cancelled), also while state tells of an ack */
#define ALERT_RECOVERED     0x0100u /* came back from the mirror or our own retained topic, perhaps without evidence */
#define ALERT_VISIT         0x0200u /* a carer's visit: the home's mode is visit while it lasts */
#define ALERT_NO_MODE       0x0800u /* a visit during which "home" was ordered: it holds the mode no longer */
#define ALERT_LOST          0x0400u /* its key names a sensor that is not to be believed while it lasts */

#define ALERT_OWN "gateway" /* detector of the gateway's own alerts: what is wrong with itself, modes, tests */

/* One reading that made the condition true. */
struct alert_evidence {
    char sensor[NAME_SIZE];
    char room[NAME_SIZE];
    char kind[NAME_SIZE];
    int64_t at; /* log time, ms */
    double value;
    uint32_t type; /* enum gw_type */
    uint32_t flags;
};

struct alert {
    uint64_t id;      /* hash of home, detector, kind, key and episode: the same alert after a crash has the same id */
    uint64_t episode; /* as the plugin named it */
    uint32_t rev;     /* from 1, strictly rising */
    uint32_t count;   /* how often a momentary condition came while unacknowledged; from 1 */
    uint16_t class_;  /* enum gw_class */
    uint16_t state;   /* enum alert_state */
    uint32_t flags;   /* ALERT_TEST | ... */
    char detector[NAME_SIZE]; /* ALERT_OWN for the gateway's own alerts */
    char kind[NAME_SIZE];
    char key[GW_MAX_KEY];
    char code[12];        /* SCAIP "device status", or "" */
    char room[NAME_SIZE]; /* of the first evidence, or "" */
    char text_en[GW_MAX_TEXT], text_zh[GW_MAX_TEXT];
    char limit[NAME_SIZE];
    char by[NAME_SIZE];     /* who acknowledged or closed, or "" */
    char note[NOTE_SIZE];   /* what they wrote, or "" */
    int64_t since;          /* log time: when the condition began */
    int64_t raised;         /* log time: when it was found true (reading or wake) */
    int64_t at;             /* log time of this revision */
    int64_t late_ms;        /* of this revision: how much later than it should have been it was found; 0 in time */
    int64_t wall_minus_log; /* label: wall clock = log time + this, as known when the revision was made */
    uint32_t boot;          /* boot in which this revision was made */
    uint32_t clock;         /* enum clock_quality of the label */
    uint64_t incident;      /* id of the first alert of the same incident */
    uint64_t reading;       /* id of the log's reading after which it was found (cursor's place) */
    uint64_t counted;       /* momentary: episode of the newest one counted; 0: not known */
    uint32_t n_evidence;    /* <= GW_MAX_EVIDENCE */
    uint32_t reserved;
    struct alert_evidence evidence[GW_MAX_EVIDENCE];
};

const char *alert_state_name(uint32_t state);   /* "raised" ...; "?" for an unknown value */
const char *alert_class_name(uint32_t class_);  /* "emergency" ...; "?" */
uint32_t alert_class_by_name(const char *name); /* 0: unknown */
uint32_t alert_state_by_name(const char *name); /* 0: unknown */

/* Does the struct hold only what it may (ranges, terminated strings, valid UTF-8)? What another process sent, or a row
 * of the database, is used only after this said yes. */
int alert_valid(const struct alert *alert);

/* A name as an alert's key: [a-z0-9.-], shorter than GW_MAX_KEY; what does not fit is told apart by a hash. */
void alert_key(char out[GW_MAX_KEY], const char *name);

/* The stable id. */
uint64_t alert_id(const char *home, const char *detector, const char *kind, const char *key, uint64_t episode);

#endif
