"""A home's fortnight as a picture: a row a day, what moved where, when she slept or was out, and the alerts."""
import html
import time

DAY = 86400
LEFT, TOP, ROW, WIDTH = 84, 64, 34, 960
ROOM_COLOURS = ("#4e79a7", "#59a14f", "#9c755f", "#b07aa1", "#76b7b2", "#edc948", "#ff9da7", "#86bcb6", "#d37295", "#8cd17d")
CLASS_COLOURS = {"emergency": "#d00000", "warning": "#f28e2b", "info": "#2b6cb0", "technical": "#707070"}
BANDS = (("go-to-bed", "#dfe6f3"), ("leave-house", "#f3ead0"), ("journey", "#f3ead0"), ("ill", "#f6dada"))


def x(at, day):
    return LEFT + WIDTH * (at - day) / DAY


def rect(x0, y, width, height, colour, title=""):
    inner = f"<title>{html.escape(title)}</title>" if title else ""
    return f'<rect x="{x0:.1f}" y="{y:.1f}" width="{max(width, 0.6):.1f}" height="{height}" fill="{colour}">{inner}</rect>'


def text(x0, y, words, anchor="start", size=11):
    return f'<text x="{x0:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{html.escape(words)}</text>'


def bands(home, day, y):
    out = []
    for label, colour in BANDS:
        for start, end, name in home.notes:
            start, end = max(start, day), min(end, day + DAY)
            if name == label and start < end:
                out.append(rect(x(start, day), y, WIDTH * (end - start) / DAY, ROW - 6, colour, label))
    return out


def moves(home, day, y, colours):
    """One tick for each minute in which a sensor of a room changed."""
    seen = set()
    for at, sensor, _ in home.readings:
        if day <= at < day + DAY and sensor in home.sensors and home.sensors[sensor][1] in colours:
            seen.add((home.sensors[sensor][1], int((at - day) // 60)))
    height = (ROW - 8) / max(len(colours), 1)
    rooms = list(colours)
    return [rect(LEFT + WIDTH * minute / 1440, y + 1 + rooms.index(room) * height, 0.7, f"{height - 0.5:.1f}",
                 colours[room]) for room, minute in sorted(seen)]


def marks(alerts, day, y):
    out = []
    for alert in alerts:
        if day <= alert.at < day + DAY:
            at, middle = x(alert.at, day), y + (ROW - 6) / 2
            title = f"{time.strftime('%H:%M', time.gmtime(alert.at))} {alert.class_}: {alert.text}"
            out.append(f'<path d="M{at:.1f} {middle - 9:.1f} l7 9 l-7 9 l-7 -9 z" fill="{CLASS_COLOURS[alert.class_]}" '
                       f'stroke="white"><title>{html.escape(title)}</title></path>')
    return out


def draw(home, alerts, path, first_day=None, days=14):
    first = (first_day if first_day is not None else home.start) // DAY * DAY
    days = min(days, int((home.end - first) // DAY) + 1)
    rooms = sorted({room for kind, room in home.sensors.values() if room and kind != "state"})
    colours = {room: ROOM_COLOURS[i % len(ROOM_COLOURS)] for i, room in enumerate(rooms)}
    height = TOP + days * ROW + 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {height}" '
           'font-family="sans-serif">', rect(0, 0, LEFT + WIDTH + 20, height, "white"),
           text(LEFT, 18, f"{home.name}: what moved where, and the alerts", size=14)]
    for i, (name, colour) in enumerate(list(colours.items()) + list(CLASS_COLOURS.items())):
        out += [rect(LEFT + i % 9 * 108, 26 + i // 9 * 14, 9, 9, colour),
                text(LEFT + 12 + i % 9 * 108, 34 + i // 9 * 14, name, size=10)]
    for n in range(days):
        day, y = first + n * DAY, TOP + n * ROW
        out.append(text(LEFT - 8, y + 18, time.strftime("%a %d %b", time.gmtime(day)), "end"))
        out.append(rect(LEFT, y, WIDTH, ROW - 6, "#fafafa"))
        out += bands(home, day, y) + moves(home, day, y, colours) + marks(alerts, day, y)
    for hour in range(0, 25, 3):
        at = LEFT + WIDTH * hour / 24
        out.append(f'<path d="M{at:.1f} {TOP} V{TOP + days * ROW}" stroke="#c0c0c0" stroke-width="0.5"/>')
        out.append(text(at, TOP + days * ROW + 14, f"{hour:02d}:00", "middle"))
    out.append(text(LEFT, height - 8, "Shaded: noted sleep (blue), away (sand), illness (rose). Diamonds: alerts; "
                                      "hold the pointer over one to read it.", size=10))
    path.write_text("\n".join(out + ["</svg>", ""]), encoding="utf-8")
