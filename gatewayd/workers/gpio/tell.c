#include "tell.h"

#include <stdio.h>
#include <string.h>

#include "base/channel.h"
#include "base/log.h"
#include "base/text.h"

#define NOTE_EVERY_MS 1000

static const char *fault_zh(enum lines_fault fault)
{
    switch (fault) {
    case LINES_OK:
        return "正常";
    case LINES_NO_CHIP:
        return "没有这个芯片";
    case LINES_NO_LINE:
        return "芯片上没有这条线";
    case LINES_BUSY:
        return "该线被其他程序或驱动占用";
    case LINES_NO_ACCESS:
        return "没有权限打开芯片";
    case LINES_NO_UAPI:
        return "内核缺少 libgpiod 1 所需的旧 GPIO 接口";
    case LINES_REFUSED:
        break;
    }
    return "内核拒绝了请求";
}

void tell_chip(struct chip *chip, enum lines_fault fault)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    bool missing = fault != LINES_OK;
    if (chip->told_missing == missing)
        return;
    chip->told_missing = missing;
    (void)snprintf(en, sizeof(en), "GPIO chip %.100s: %s", chip->name, lines_fault_text(fault));
    (void)snprintf(zh, sizeof(zh), "GPIO 芯片 %.80s：%s", chip->name, fault_zh(fault));
    log_line(missing ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE, "%s", en);
    channel_trouble(chip->name, "gpio-chip", missing, true, en, zh);
}

void tell_line(struct entry *entry, enum lines_fault fault, int error)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT], why[64] = "";
    bool faulty = fault != LINES_OK;
    if (entry->told_fault == faulty)
        return;
    entry->told_fault = faulty;
    if (fault == LINES_REFUSED)
        (void)snprintf(why, sizeof(why), " (%.50s)", strerror(error));
    (void)snprintf(en, sizeof(en), "GPIO line %s of %.60s: %s%s", entry->want.line, entry->want.chip,
                   lines_fault_text(fault), why);
    (void)snprintf(zh, sizeof(zh), "GPIO 线 %s（%.50s）：%s", entry->want.line, entry->want.chip, fault_zh(fault));
    log_line(faulty ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE, "%s: %s", entry->want.sensor, en);
    channel_trouble(entry->want.sensor, "gpio-line", faulty, true, en, zh);
}

void tell_lost(const struct entry *entry, int error)
{
    log_warning("%s: GPIO line %s of %s has gone: %s", entry->want.sensor, entry->want.line, entry->want.chip,
                strerror(error));
}

/* False: the core takes nothing now, the count is kept for later. */
static bool send_note(const struct entry *entry, enum sensor_note note, uint32_t value, const char *text)
{
    struct frame frame;
    frame_init(&frame, FRAME_SENSOR_NOTE);
    frame.sensor_note.slot = entry->want.slot;
    frame.sensor_note.note = (uint16_t)note;
    frame.sensor_note.value = value;
    text_copy(frame.sensor_note.text, sizeof(frame.sensor_note.text), text);
    return channel_send(CHANNEL_FD, &frame) == CHANNEL_OK;
}

bool tell_notes_wanted(const struct entry *entry)
{
    return !entry->output && (entry->lost || entry->maybe_lost || entry->settle.coalesced);
}

void tell_notes(struct entry *entry, int64_t now)
{
    if (!tell_notes_wanted(entry) || now < entry->note_after)
        return;
    entry->note_after = now + NOTE_EVERY_MS;
    if (entry->lost && send_note(entry, NOTE_LINES_LOST, entry->lost, ""))
        entry->lost = 0;
    if (entry->maybe_lost && send_note(entry, NOTE_LINES_LOST, 0, "possible: the kernel's buffer was full"))
        entry->maybe_lost = false;
    if (entry->settle.coalesced && send_note(entry, NOTE_LINES_COALESCED, entry->settle.coalesced, ""))
        entry->settle.coalesced = 0;
}

void tell_rings(const char *folder, int error)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    (void)snprintf(en, sizeof(en), "GPIO readings cannot be kept in %.100s: %s", folder,
                   error ? strerror(error) : "works again");
    (void)snprintf(zh, sizeof(zh), "无法在 %.80s 保存 GPIO 读数：%s", folder, error ? strerror(error) : "已恢复");
    log_line(error ? LOG_LEVEL_ERROR : LOG_LEVEL_NOTICE, "%s", en);
    channel_trouble("gpio-ring", "gpio-ring", error != 0, true, en, zh);
}

void tell_dropped(uint32_t readings)
{
    log_warning("%u GPIO levels were dropped: the core has not taken any for too long", readings);
}
