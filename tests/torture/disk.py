"""What a disk may hold after the power failed: made from the journal that powercut.c wrote.

What was synced is kept. Of every write since then each sector of 512 bytes is kept or lost by itself, also of one that
came later while an earlier one is lost; a size that was changed is the old or the new one. Names that were made,
removed or changed since the folder was synced come in their order up to a random one, as a file system with a journal
keeps them; to sync a new file does not keep its name."""
import pathlib
import struct

RECORD = struct.Struct("IIIIq")
CREATED, WROTE, CUT_TO, SYNCED, SYNCED_FOLDER, REMOVED, RENAMED = range(1, 8)
SECTOR = 512


def acts(path):
    """[(act, name, offset, data)] of a journal; the last one may be torn, then it is left out."""
    data, at = pathlib.Path(path).read_bytes() if pathlib.Path(path).exists() else b"", 0
    found = []
    while at + RECORD.size <= len(data):
        act, name_size, data_size, _, offset = RECORD.unpack_from(data, at)
        at += RECORD.size
        name, body = data[at:at + name_size].decode(), data[at + name_size:at + name_size + data_size]
        at += name_size + data_size
        if at <= len(data):
            found.append((act, name, offset, body))
    return found


class File:
    def __init__(self, durable=b""):
        self.durable, self.now = bytearray(durable), bytearray(durable)
        self.unsynced = []  # (offset, data), or (size, None)

    def write(self, offset, data):
        _write(self.now, offset, data)
        self.unsynced.append((offset, data))

    def cut_to(self, size):
        _resize(self.now, size)
        self.unsynced.append((size, None))

    def sync(self):
        self.durable, self.unsynced = bytearray(self.now), []

    def after_power_cut(self, random):
        """mood: how much of what was not synced has got to the disk by itself."""
        kept, mood = bytearray(self.durable), random.choice([0, 0.5, 0.5, 1])
        for offset, data in self.unsynced:
            if data is None:
                if random.random() < mood:
                    _resize(kept, offset)
                continue
            for start in range(0, len(data), SECTOR):
                if random.random() < mood:
                    _write(kept, offset + start, data[start:start + SECTOR])
        return bytes(kept)


def _write(content, offset, data):
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    content[offset:offset + len(data)] = data


def _resize(content, size):
    if len(content) > size:
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


class Disk:
    """disk = Disk(folder): what is in it is synced. disk.happened(journal); disk.power_cut(random)"""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.kept = {path.name: File(path.read_bytes()) for path in self.folder.iterdir() if path.is_file()}
        self.names, self.unsynced = dict(self.kept), []

    def happened(self, journal):
        for act, name, offset, data in journal:
            if name.endswith("-shm"):
                continue  # mapped memory
            if act == SYNCED_FOLDER:
                self.kept, self.unsynced = dict(self.names), []
            elif act in (CREATED, REMOVED, RENAMED):
                self.unsynced.append((act, name, data.decode(), File()))
                self._rename(self.names, *self.unsynced[-1])
            elif act == WROTE:
                self.names[name].write(offset, data)
            elif act == CUT_TO:
                self.names[name].cut_to(offset)
            elif act == SYNCED:
                self.names[name].sync()

    @staticmethod
    def _rename(names, act, name, other, file):
        if act == CREATED:
            names[name] = file
        elif act == REMOVED:
            names.pop(name, None)
        elif name in names:
            names[other] = names.pop(name)

    def power_cut(self, random):
        """The folder as it may be found when the power is back."""
        names = dict(self.kept)
        for change in self.unsynced[:random.randint(0, len(self.unsynced))]:
            self._rename(names, *change)
        for path in self.folder.iterdir():
            path.unlink()
        for name, file in names.items():
            (self.folder / name).write_bytes(file.after_power_cut(random))
