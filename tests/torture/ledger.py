"""What the store was told, what it confirmed, and what it says after a restart."""
from harness.frames import C

URGENT, STATE = C["READINGS_URGENT"], {"raised": C["ALERT_RAISED"], "closed": C["ALERT_CLOSED"]}
COMMIT_DONE, READINGS_DONE = C["STORE_DONE_COMMIT"], C["STORE_DONE_READINGS"]
ALERT_FLAGS_ACKED = C["ALERT_ACKED"]
RING = 0x70000000 << 32
OPEN_MOST = 30      # alerts at a time
LOOK_BACK = 400     # readings that are read again after each start
PER_FRAME = C["READINGS_PER_FRAME"]
ALL_SLOTS = [2 ** 64 - 1] * (C["SENSORS_MAX"] // 64)


class Ledger:
    """begin() before each start; heard(frame) for what the store says; check(life) after READY; say_something(life)"""

    def __init__(self, random):
        self.random, self.counts = random, {"alerts": 0, "readings": 0}
        self.readings, self.stored = {}, 0          # id: what it was; confirmed up to
        self.alerts, self.open = {}, {}             # (id, rev): what was confirmed; id: newest rev, confirmed or not
        self.cursor = 0
        self.token, self.asked = 0, {}              # token: what it was about; not confirmed
        self.next_alert, self.now = 1, 1000
        self.begin()

    def begin(self):
        """A new process: what the old one had not confirmed may be there or not."""
        self.asked_before = self.asked
        self.asked, self.state, self.said, self.cursors, self.history = {}, None, {}, {}, None

    # ---- what it says ----

    def heard(self, frame):
        if frame.name == "store-state":
            self.state = frame.body
        elif frame.name == "store-commit":
            self.said[frame.alert.id, frame.alert.rev] = (frame.body.pending, frame.alert.count, frame.alert.state)
        elif frame.name == "store-cursor":
            self.cursors[frame.detector] = frame.reading
        elif frame.name == "history":
            self.history = frame.body
        elif frame.name == "store-done" and not frame.failed:
            self._done(frame)

    def _done(self, frame):
        if frame.what == READINGS_DONE:
            if frame.token > self.stored:
                self.counts["readings"] += frame.token - self.stored
                self.stored = frame.token
        elif frame.token in self.asked:
            alert, pending, count, state, cursor = self.asked.pop(frame.token)
            self.counts["alerts"] += 1
            self.alerts[alert] = (pending, count, state)
            self.cursor = max(self.cursor, cursor)

    # ---- what must be so ----

    def check(self, life):
        """[what is wrong] after a start."""
        wrong = []
        # A file that the power failed over before anything was confirmed may be empty, and is set aside for that.
        if (self.state.alerts_file == C["STORE_FILE_SET_ASIDE"] and self.cursor) or \
                (self.state.history_file == C["STORE_FILE_SET_ASIDE"] and self.stored):
            wrong.append(f"a file was found damaged: {self.state.set_aside.decode()}")
        if self.state.stored_id < self.stored:
            wrong.append(f"readings up to {self.stored} were confirmed, there are {self.state.stored_id}")
        if self.cursors.get("call", 0) < self.cursor:
            wrong.append(f"cursor {self.cursor} was confirmed, it is {self.cursors}")
        wrong += self._check_alerts() + self._check_readings(life)
        # From here on the new process is the truth.
        self.readings = {id_: what for id_, what in self.readings.items() if id_ <= self.state.stored_id}
        self.stored = self.state.stored_id
        newest = {}
        for (id_, rev), (pending, _, state) in self.said.items():
            newest[id_] = max(newest.get(id_, (0, 0)), (rev, state))
        self.open = {id_: rev for id_, (rev, state) in newest.items() if state != STATE["closed"]}
        self.alerts = dict(self.said)
        return wrong

    def _check_alerts(self):
        wrong, newest = [], {}
        for id_, rev in self.said:
            newest[id_] = max(newest.get(id_, 0), rev)
        confirmed = {}
        for id_, rev in self.alerts:
            confirmed[id_] = max(confirmed.get(id_, 0), rev)
        for (id_, rev), (pending, count, state) in self.alerts.items():
            is_ = self.said.get((id_, rev))
            settled = state == STATE["closed"] and not pending
            old = rev < confirmed[id_] and not pending
            closed_since = not pending and any(asked[0][0] == id_ and asked[3] == STATE["closed"]
                                               for asked in self.asked_before.values())
            if not is_ and not settled and not old and not closed_since and newest.get(id_, 0) <= rev:
                wrong.append(f"alert {id_} rev {rev} was confirmed and is not there")
            if not is_ and pending:
                wrong.append(f"alert {id_} rev {rev} was confirmed and due at {pending:#x}, and is not there")
            if is_ and (is_[1:] != (count, state) or is_[0] & pending != pending):
                wrong.append(f"alert {id_} rev {rev} was {(pending, count, state)} and is {is_}")
        return wrong

    def _check_readings(self, life):
        first = max(1, self.stored - LOOK_BACK)
        wanted = {id_ for id_ in self.readings if first <= id_ <= self.stored}
        at = first
        while wanted and at:
            self.history = None
            life.send("history-query", token=1, from_id=at, to_id=self.stored, limit=PER_FRAME, slots=ALL_SLOTS)
            while self.history is None:
                frame = life.receive(5)
                if frame is None:
                    return [] if life.ended() else ["no answer to a query"]
                self.heard(frame)
            for reading in self.history.reading[:self.history.n]:
                what = (reading.sensor, reading.at, reading.value)
                if reading.id in wanted and self.readings[reading.id] != what:
                    return [f"reading {reading.id} was {self.readings[reading.id]} and is {what}"]
                wanted.discard(reading.id)
            at = self.history.next_id
        return [f"{len(wanted)} readings were confirmed and are not there: {sorted(wanted)[:5]}"] if wanted else []

    # ---- what it is told ----

    def say_something(self, life):
        return self.random.choice([self._readings, self._readings, self._commit, self._commit, self._forget,
                                   self._cursor])(life)

    def _readings(self, life):
        urgent = self.random.random() < 0.5
        n = self.random.randint(1, 3) if urgent else self.random.randint(1, PER_FRAME)
        first = max([self.stored, self.state.last_id, *self.readings]) + 1
        rows = []
        for id_ in range(first, first + n):
            self.now += self.random.randint(0, 50)
            sensor, value = self.random.randrange(6), float(self.random.randrange(2))
            self.readings[id_] = (sensor, self.state.last_log + self.now, value)
            rows.append({"id": id_, "origin": RING | id_, "at": self.readings[id_][1], "value": value,
                         "boot": self.state.boot, "sensor": sensor, "type": C["GW_VALUE"]})
        size = 8 + 8 + n * 48
        return life.send("readings", n=n, flags=URGENT if urgent else 0, reading=rows, cut_to=size)

    def _commit(self, life):
        if self.open and (len(self.open) >= OPEN_MOST or self.random.random() < 0.7):
            id_ = self.random.choice(sorted(self.open))
            rev = self.open[id_] + 1
        else:
            id_, rev = self.next_alert, 1
            self.next_alert += 1
        state = STATE["closed"] if rev > 1 and self.random.random() < 0.3 else STATE["raised"]
        pending, last = self.random.choice([0, 1, 3]), max([self.stored, *self.readings])
        self.token += 1
        self.asked[self.token] = ((id_, rev), pending, rev, state, last)
        self.open[id_] = rev
        if state == STATE["closed"]:
            del self.open[id_]
        now = self.state.last_log + self.now
        return life.send("store-commit", token=self.token, pending=pending, has_cursor=1,
                         cursor={"detector": "call", "reading": last, "until": now},
                         alert={"id": id_, "episode": 7, "rev": rev, "count": rev, "class_": 1, "state": state,
                                "detector": "call", "kind": "call", "key": "cord",
                                "text_en": "Call.", "text_zh": "Call.",
                                "since": now, "raised": now, "at": now, "boot": self.state.boot, "clock": 1,
                                "incident": id_, "reading": last})

    def _forget(self, life):
        """An uplink has got it: nothing is confirmed of that, it may come again."""
        if not self.alerts:
            return True
        id_, rev = self.random.choice(sorted(self.alerts))
        for (other, r), (pending, count, state) in list(self.alerts.items()):
            if other == id_ and r <= rev:
                self.alerts[other, r] = (0, count, state)
        for token, ((other, r), _, count, state, cursor) in list(self.asked.items()):
            if other == id_ and r <= rev:
                self.asked[token] = ((other, r), 0, count, state, cursor)
        return life.send("store-forget", alert=id_, rev=rev, uplinks=3)

    def _cursor(self, life):
        return life.send("store-cursor", detector="call", reading=max([self.stored, *self.readings]),
                         until=self.state.last_log + self.now)
