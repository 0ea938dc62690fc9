"""A TCP proxy that can be cut (connections reset, new ones too) or frozen (nothing gets through, nobody is told)."""
import contextlib
import socket
import struct
import threading

from harness import things

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST, what was under way is gone


class Proxy(things.Thing):
    """proxy = Proxy(broker.port); proxy.host, proxy.port; proxy.cut(), freeze(), mend()"""

    def __init__(self, target):
        self.target, self.host = target, "127.0.0.1"
        self._flows = threading.Event()
        self._flows.set()
        self._is_cut, self._ended = False, False
        self._lock, self._pairs = threading.Lock(), []
        self._listener = socket.create_server((self.host, 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        things.add(self)

    def cut(self):
        with self._lock:
            self._is_cut = True
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            self._reset(*pair)
        self._flows.set()

    def freeze(self):
        self._flows.clear()

    def mend(self):
        self._is_cut = False
        self._flows.set()

    def stop(self):
        self._ended = True
        self.cut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @staticmethod
    def _reset(*sockets):
        for one in sockets:
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = None
            with contextlib.suppress(OSError):
                far = socket.create_connection((self.host, self.target), 2)
                far.settimeout(None)
            with self._lock:
                refused = self._is_cut or self._ended or far is None
                if not refused:
                    self._pairs.append((near, far))
            if refused:
                self._reset(*filter(None, (near, far)))
                continue
            for one, other in ((near, far), (far, near)):
                with contextlib.suppress(OSError):  # cut meanwhile
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, source, sink):
        with contextlib.suppress(OSError, ValueError):
            while data := source.recv(65536):
                self._flows.wait()
                sink.sendall(data)
        with self._lock, contextlib.suppress(ValueError):
            pair = next((p for p in self._pairs if source in p), None)
            if pair:
                self._pairs.remove(pair)
        self._reset(source, sink)
