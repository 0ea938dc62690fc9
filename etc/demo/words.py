"""What each side says, in words for people: one method per kind of thing that happens."""
import datetime

from evening import THINGS
from panes import GATEWAY, PLATFORM, SENSORS

CLASSES = {"emergency": ("EMERGENCY", "紧急报警"), "warning": ("WARNING", "提醒"), "info": ("INFO", "通知"),
           "technical": ("TECHNICAL", "设备故障")}
TITLES = {"door-open": ("the front door is left open", "大门长时间未关"), "call": ("she calls for help", "紧急呼叫"),
          "bath-long": ("long in the bathroom", "在浴室时间较长"),
          "bath-too-long": ("too long in the bathroom", "在浴室时间过长"),
          "bed-empty": ("not back in bed", "夜间离床未归"), "gone-out": ("gone out and not back", "夜间外出未归"),
          "worker-down": ("a part of the gateway is down", "网关的一部分停止工作")}
STATES = {"accepted": ("the platform's computer has it", "平台已收到"), "cleared": ("over", "已解除"),
          "cancelled": ("cancelled", "已取消"), "closed": ("closed", "已关闭")}


def title(alert):
    return TITLES.get(alert["kind"], (alert["kind"], alert["kind"]))


class Words:
    def __init__(self, panes, tz):
        self.panes, self.tz = panes, tz

    def lines(self, *pairs):
        """One line per language and pair."""
        found = []
        for en, zh in pairs:
            found += [text for text in {"en": [en], "zh": [zh]}.get(self.panes.lang, [en, zh]) if text]
        return found

    def clock(self, iso):
        return datetime.datetime.fromisoformat(iso).astimezone(self.tz).strftime("%H:%M:%S")

    def story(self, en, zh):
        """A line of the story; `en` begins with the recorded time."""
        self.panes.write()
        self.panes.rule({"en": en, "zh": en[:7] + zh}.get(self.panes.lang) or f"{en}  {zh}")

    def sensor(self, at, reading):
        text = self.panes.choose(*reading.words(), between=" / ")
        self.panes.show(SENSORS, at, [f"{text}  ({reading.clock}, {reading.format})"])

    def gateway(self, at, alert, all_taken):
        """all_taken: a person has every emergency that is open, which is when the light at home says so."""
        en, zh = CLASSES[alert["class"]]
        what_en, what_zh = title(alert)
        if alert["state"] == "raised":
            self.panes.show(GATEWAY, at, self.lines((f"{en}: {what_en}{self.why(alert)[0]}",
                                                     f"{zh}：{what_zh}{self.why(alert)[1]}")),
                            alert["class"] == "emergency")
        elif alert["state"] == "acknowledged":
            light_en, light_zh = ("; a help light in the home would shine now", "，家中如有指示灯此时亮起")
            if not all_taken:
                light_en = light_zh = ""
            self.panes.show(GATEWAY, at, self.lines(
                (f"HELP KNOWS: {alert['by']} has taken it ({what_en}){light_en}",
                 f"已有人接警：{alert['by']}（{what_zh}）{light_zh}")), True)
        else:
            state_en, state_zh = STATES[alert["state"]]
            self.panes.show(GATEWAY, at, self.lines((f"{what_en}: {state_en}", f"{what_zh}：{state_zh}")))

    def why(self, alert):
        """The evidence: which sensor since when, and the limit that was passed."""
        if not alert["evidence"]:
            return "", ""
        first = alert["evidence"][0]
        en, zh = THINGS.get(first["sensor"], (first["sensor"], first["sensor"]))
        since, limit = self.clock(first["at"]), alert["limit"]
        return (f" ({en} at {since}{f', limit {limit}' if limit else ''})",
                f"（{zh} {since}{f'，时限 {limit}' if limit else ''}）")

    def killed(self, at, name, took):
        self.panes.show(GATEWAY, at, self.lines(
            (f"The {name} detector was killed on purpose (kill -9) while she is in there: it watches again after "
             f"{took * 1000:.0f} ms and has read again what it must know",
             f"有意强制结束 {name} 检测进程（kill -9）：{took * 1000:.0f} 毫秒后恢复看护，并重新读取了记录")))

    def platform(self, at, alert):
        en, zh = CLASSES[alert["class"]]
        what_en, what_zh = title(alert)
        if alert["state"] == "raised":
            heading = f"PLATFORM ALARM ({alert['class']})" if alert["class"] == "emergency" else en
            lines = [self.panes.choose(heading, zh), *self.lines((alert["text"]["en"], alert["text"]["zh"]))]
            contact = alert.get("contact")
            if contact:
                lines += self.lines((f"Call {contact['hotline']}, family {contact['family']}",
                                     f"服务中心 {contact['hotline']}，家属 {contact['family']}"))
            self.panes.show(PLATFORM, at, lines, alert["class"] == "emergency")
        elif alert["state"] == "acknowledged":
            self.panes.show(PLATFORM, at, self.lines((f"{what_en}: {alert['by']} at the desk has taken it: "
                                                      f"\"{alert.get('note', '')}\"",
                                                      f"{what_zh}：{alert['by']} 已接警")))
        else:
            state_en, state_zh = STATES[alert["state"]]
            self.panes.show(PLATFORM, at, self.lines((f"{what_en}: {state_en}", f"{what_zh}：{state_zh}")))

    def late_desk(self, opened, status):
        """The two retained messages in a line each."""
        still = [alert for alert in opened["alerts"] if alert["state"] != "cleared"]
        over = len(opened["alerts"]) + opened["more"] - len(still)
        en = ", ".join(f"{title(alert)[0]} ({alert['state']})" for alert in still)
        zh = "，".join(title(alert)[1] for alert in still)
        number = f"{len(still)} open alert{'' if len(still) == 1 else 's'}{': ' if en else ''}{en}"
        self.panes.tell(f"A desk that starts only now sees {number}; over but not yet filed away: {over}.",
                        f"此时才上线的平台看到未结报警 {len(still)} 条{'：' if zh else ''}{zh}；已解除待归档 {over} 条。")
        sensors, detectors = status["sensors"], status["detectors"]
        self.panes.tell(f"Status of the home: {'online' if status['online'] else 'OFFLINE'}, {sensors['total']} sensors "
                        f"({sensors['lost']} lost), {detectors['total']} detectors ({detectors['down']} down), "
                        f"{status['outbox']} waiting to be sent, {status['drops']} dropped, clock {status['clock']}.",
                        f"住户状态：{'在线' if status['online'] else '离线'}，传感器 {sensors['total']} 个（失联 "
                        f"{sensors['lost']}），检测器 {detectors['total']} 个（停止 {detectors['down']}）。")

    def kept(self, killed, arrived):
        if killed is not None and "bath-too-long" in arrived:
            self.panes.tell(f"The bath detector was killed (kill -9) in the middle of her stay and watched again after "
                            f"{killed * 1000:.0f} ms; its alarm came all the same, nothing was lost.",
                            f"浴室检测进程中途被强制结束（kill -9），{killed * 1000:.0f} 毫秒后恢复，报警照常发出，没有丢失。")
