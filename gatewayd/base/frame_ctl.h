/* frame_ctl.h - bodies of the frames between the core and gatewayctl. Included by frame.h, which says who sends what.
 */
#ifndef BASE_FRAME_CTL_H
#define BASE_FRAME_CTL_H

#include <stdint.h>

#include "limits.h"

enum ctl_verb {
    CTL_STATUS = 1,
    CTL_SENSORS,
    CTL_ALERTS,
    CTL_HISTORY,
    CTL_WATCH,
    CTL_ACK,
    CTL_TEST,
    CTL_RELOAD,
    CTL_MODE,
    CTL_HEALTH,
    CTL_VERBS
};

struct frame_ctl_request {
    uint32_t verb;         /* enum ctl_verb */
    uint32_t flags;        /* CTL_ALERTS: 1 = also closed ones */
    char name[NAME_SIZE];  /* sensor, or "" for all (HISTORY, WATCH, TEST; TEST "": the silent test alarm); MODE: the
                              mode */
    char value[NAME_SIZE]; /* TEST: a number or an event's name; ACK, MODE: who */
    uint64_t alert;        /* ACK */
    int64_t since_ms;      /* HISTORY: how far back from now; MODE: how long, 0: as is customary */
};

struct frame_ctl_worker {
    char name[NAME_SIZE];   /* "gpio", "uplink platform", "detector bath-stay" */
    char state[NAME_SIZE];  /* "running", "starting", "waiting", "failed", "catching up" ... */
    char plugin[NAME_SIZE]; /* detectors */
    char health[NAME_SIZE]; /* "ok", "blind", "down", ... */
    uint32_t pid;           /* 0: none */
    uint32_t starts;        /* since the daemon started */
    uint32_t deaths;
    uint32_t reserved;
    int64_t since_ms;      /* in this state */
    int64_t next_start_ms; /* from now; -1: none planned */
    char cause[TEXT_SIZE]; /* of the last death, or the link's trouble; "" none */
};

struct frame_ctl_sensor {
    uint16_t slot, kind;
    uint32_t available; /* 0 lost, 1 there, 2 never heard */
    char name[NAME_SIZE], room[NAME_SIZE];
    char source[TEXT_SIZE]; /* "gpio pinctrl-bcm2835:BED_PAD" or "mqtt zigbee2mqtt/door" */
    double value;
    int64_t at;      /* log time of the last value; 0: none */
    int64_t heard;   /* log time of the last sign of life; 0: none */
    int32_t battery; /* per cent, -1 unknown */
    int32_t link;    /* -1 unknown */
    int32_t qos;     /* as delivered, -1 unknown or not MQTT */
    uint32_t battery_low, tamper, urgent;
    uint32_t bad_payloads;
    uint32_t lines_lost; /* GPIO edges that the kernel dropped */
    uint64_t readings;
    char note[TEXT_SIZE]; /* QoS advice or the last bad payload */
};

/* Why a revision has not done its work at an uplink yet, in the order in which it must happen. */
enum waiting_for {
    WAITING_DISK,       /* to be committed: it must not overtake what is known on the disk */
    WAITING_LINK,       /* the platform is not reached */
    WAITING_TURN,       /* more urgent ones, or the rate that was set, go first */
    WAITING_BROKER,     /* handed over, no PUBACK yet */
    WAITING_REFUSED,    /* the broker refused it; it is tried again */
    WAITING_ACCEPTANCE, /* it arrived; the platform's application has not accepted the emergency */
    WAITING_COUNT
};

struct frame_ctl_waiting { /* health: one revision on its way to one uplink, oldest first */
    uint64_t alert;
    int64_t since_ms;                 /* made so long ago */
    uint32_t rev, times, why, class_; /* times handed over; enum waiting_for; enum gw_class */
    char detector[NAME_SIZE], kind[NAME_SIZE];
    char uplink[NAME_SIZE];
    char text[TEXT_SIZE]; /* the link's own word, or "" */
};

struct frame_ctl_end {
    uint32_t ok;
    uint32_t reserved;
    char text[TEXT_SIZE];
};

#endif
