"""What system, fault and gpio tests stand on: a private broker, a platform's desk, a home with the real gatewayd."""
from .broker import Broker
from .certs import Certs
from .home import Home, libconfig
from .paths import BIN, BUILD, PLUGINS, ROOT, plain_build
from .platform import Message, Platform
from .wait import free_port, wait_for

__all__ = ["BIN", "BUILD", "PLUGINS", "ROOT", "Broker", "Certs", "Home", "Message", "Platform", "free_port",
           "libconfig", "plain_build", "wait_for"]
