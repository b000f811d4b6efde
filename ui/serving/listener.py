"""Reserves the address that the server will listen on, before anything slow is loaded."""

import os
import socket

from assistant.settings.settings import Settings
from index.errors import SettingsError


def reserve(settings: Settings) -> socket.socket:
    """A socket that is bound to the address of the settings and does not listen yet: connections are refused until then.

    Raises:
        SettingsError: the server cannot use this host and port.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # on Windows this option would let two servers use one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise _cannot_listen(settings, error) from error
    return listener


def listen(listener: socket.socket, settings: Settings) -> None:
    """Accept connections from now on.

    Raises:
        SettingsError: another program listens on this host and port since it was reserved.
    """
    try:
        listener.listen()
    except OSError as error:
        raise _cannot_listen(settings, error) from error


def _cannot_listen(settings: Settings, error: OSError) -> SettingsError:
    return SettingsError(
        f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}",
        hint="`almanac serve --port 0` uses a free port; `--host 127.0.0.1` accepts connections from this machine only",
    )
