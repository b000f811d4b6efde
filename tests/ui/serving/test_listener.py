"""The port of the server: one that is taken is found before anything is loaded, and a reserved one refuses connections."""

import socket
from pathlib import Path

import pytest

from assistant.settings.settings import Settings
from index.errors import SettingsError
from tests.ui.cli.test_editing import Commands, bare
from ui.serving.listener import listen, reserve

__all__ = ["bare"]


def test_a_taken_port_is_found_before_the_index_is_built(bare: Commands) -> None:
    """The error names the port, and no index was made."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"port {port}" in bare.fails("serve", "--port", str(port))
    assert not (bare.folder / "data" / "indexes").exists()


def test_a_reserved_port_refuses_connections_until_the_server_listens(tmp_path: Path) -> None:
    """So that nobody waits for an index that is being built."""
    settings = Settings(data=tmp_path, port=0)
    with reserve(settings) as listener:
        address = listener.getsockname()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5)
        listen(listener, settings)
        socket.create_connection(address, timeout=5).close()


@pytest.mark.parametrize("host", ["203.0.113.1", "no.such.host.invalid", "::1:2:3"])
def test_an_address_that_is_not_of_this_machine_is_a_clear_error(host: str, tmp_path: Path) -> None:
    """With a hint."""
    with pytest.raises(SettingsError, match="cannot listen") as caught:
        reserve(Settings(data=tmp_path, host=host, port=0))
    assert "--host" in caught.value.hint
