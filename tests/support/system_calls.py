"""Record what a command does on the network: strace in a network namespace that has only loopback.

It records system calls, so it sees Python's sockets, native libraries and child processes alike.
"""

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
CALLS = "connect,sendto,sendmmsg,sendmsg"
_WITH_LOOPBACK = """
import fcntl, os, socket, struct, sys
with socket.socket() as any_socket:  # SIOCSIFFLAGS with IFF_UP and IFF_RUNNING
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh22x", b"lo", 0x41))
os.execvp(sys.argv[1], sys.argv[1:])
"""
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
_FAMILY = re.compile(r"sa_family=(\w+)")
_RESOLVERS = re.compile(r'io\.systemd\.Resolve|resolved|"[^"]*hosts\\0')
"""Unix sockets of local services that resolve host names."""


@dataclass(frozen=True)
class Recording:
    """The result of a command; `outside` are its system calls that leave the machine or resolve a name."""

    returncode: int
    stdout: str
    stderr: str
    outside: tuple[str, ...]


def outside(line: str) -> bool:
    """Whether a line of strace output is a call that leaves the machine or resolves a name."""
    if _RESOLVERS.search(line):
        return True
    families = set(_FAMILY.findall(line))
    if families - {"AF_UNIX", "AF_LOCAL", "AF_NETLINK", "AF_UNSPEC", "AF_INET", "AF_INET6"}:
        return True
    if "53" in _PORT.findall(line):
        return True  # a resolver, even on loopback
    addresses = [ipv4 or ipv6 for ipv4, ipv6 in _ADDRESS.findall(line)]
    return any(not ipaddress.ip_address(address).is_loopback for address in addresses)


def require() -> None:
    """Skip the test if this machine cannot record; fail it in CI, where .ci/run installs strace and sets `CI`."""
    for program in ("strace", "unshare"):
        if shutil.which(program) is None:
            _cannot(f"{program} is not installed")
    tried = subprocess.run(
        [*_prefix(Path(os.devnull)), "true"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    if tried.returncode:
        _cannot(f"no network namespace, or no tracing in it: {tried.stderr.strip()}")


def _cannot(why: str) -> None:
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(why)
    pytest.skip(why)


def _prefix(calls: Path) -> list[str]:
    strace = ["strace", "-f", "-qq", "-s", "200", "-o", str(calls), "-e", f"trace={CALLS}", "-e", "signal=none"]
    # Requests through io_uring are not system calls. If io_uring fails, programs fall back to system calls.
    strace += ["-e", "inject=io_uring_setup:error=ENOSYS"]
    return ["unshare", "-rn", sys.executable, "-I", "-c", _WITH_LOOPBACK, *strace]


def record(
    command: Sequence[str], folder: Path, *, stdin: str = "", environment: Mapping[str, str] | None = None
) -> Recording:
    """Run a command without a network, with an empty HOME (`folder / "home"`) and without `CI`.

    Some libraries send less telemetry if `CI` is set. No other variable of the developer is passed to the command.
    """
    home = folder / "home"
    home.mkdir(exist_ok=True)
    calls = folder / "calls"
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(folder),
        "PYTHONPATH": str(PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ALMANAC_DATA": str(home / "almanac"),
    }
    done = subprocess.run(
        [*_prefix(calls), *command],
        input=stdin, env=variables | dict(environment or {}), cwd=home, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    lines = calls.read_text("utf-8", "replace").splitlines()
    return Recording(done.returncode, done.stdout, done.stderr, tuple(line for line in lines if outside(line)))


def left_behind(folder: Path) -> list[str]:
    """Return the files in HOME outside ALMANAC_DATA."""
    home = folder / "home"
    return sorted(
        str(path.relative_to(home))
        for path in home.rglob("*")
        if not path.is_relative_to(home / "almanac") and not path.is_dir()
    )
