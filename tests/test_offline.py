"""No command uses the network or writes outside its data folder, including native libraries and child processes.

Commands run in a network namespace with loopback only, with an empty HOME and without `CI`, under strace: see
`tests.support.system_calls`.
"""

import ast
import json
import sys
from pathlib import Path

import pytest

from index import telemetry
from tests.support.system_calls import Recording, left_behind, outside, record, require

CLI = (sys.executable, "-m", "ui.cli")

SERVE = """
import json, re, signal, subprocess, sys, urllib.error, urllib.request

server = subprocess.Popen([sys.executable, "-m", "ui.cli", "serve", "--port", "0"], stderr=subprocess.PIPE, text=True)
address = next(found[0] for line in server.stderr if (found := re.search(r"http://[^/\\s]+", line)))

def get(request):
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read()

def follow(path, body=None):
    try:
        return get(urllib.request.Request(address + path, body, {"Content-Type": "application/json"}))
    except urllib.error.HTTPError as refused:
        return refused.read()

try:
    for path in ("/", "/config", "/theme.css", "/entries", "/readyz", "/llms.txt", "/not-there"):
        follow(path)
    follow("/gradio_api/queue/join", json.dumps({"data": [], "fn_index": 0, "session_hash": "visitor"}).encode())
    print(follow("/api/ask?q=What%20is%20RLHF%3F").decode())
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=60)
finally:
    server.kill()
sys.exit(server.returncode)
"""

TELEMETRY_ON = {
    "ORT_DISABLE_TELEMETRY": "0", "ANONYMIZED_TELEMETRY": "True", "GRADIO_ANALYTICS_ENABLED": "True",
    "DO_NOT_TRACK": "", "HF_HUB_DISABLE_TELEMETRY": "0", "CHROMA_OTEL_GRANULARITY": "all",
    "CHROMA_OTEL_COLLECTION_ENDPOINT": "http://192.0.2.1:4317",
    "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI", "CHROMA_SERVER_HOST": "192.0.2.1",
}  # fmt: skip
"""Variables that a machine may have for other programs; none of them may turn on telemetry in a command."""


def assert_quiet(recording: Recording, folder: Path) -> None:
    """Assert that the command succeeded, used no network and left no file in HOME."""
    assert recording.returncode == 0, recording.stderr
    assert recording.outside == ()
    assert left_behind(folder) == []


@pytest.fixture(autouse=True)
def _can_record() -> None:
    require()


NATIVE = {
    "Python's look-up": "import socket\ntry: socket.getaddrinfo('example.org', 80)\nexcept OSError: pass",
    "a native look-up": """
import ctypes
result = ctypes.c_void_p()
ctypes.CDLL(None).getaddrinfo(b"example.org", b"443", None, ctypes.byref(result))
""",
    "a native connection": """
import ctypes, socket, struct
libc = ctypes.CDLL(None)
address = struct.pack("=H", socket.AF_INET) + struct.pack("!H", 443) + socket.inet_aton("192.0.2.1") + bytes(8)
libc.connect(libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0), address, len(address))
""",
    "a native datagram": """
import ctypes, socket, struct
libc = ctypes.CDLL(None)
address = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", 443, 0) + socket.inet_pton(socket.AF_INET6, "2001:db8::1") + bytes(4)
libc.sendto(libc.socket(socket.AF_INET6, socket.SOCK_DGRAM, 0), b"hello", 5, 0, address, len(address))
""",
    "a child process": """
import subprocess, sys
subprocess.run([sys.executable, "-c", "import socket; socket.socket().connect_ex(('192.0.2.1', 443))"])
""",
}


@pytest.mark.parametrize("code", NATIVE.values(), ids=NATIVE.keys())
def test_the_recorder_sees_every_way_out(tmp_path: Path, code: str) -> None:
    """A recorder that misses native calls, or calls of a child process, would prove nothing."""
    recording = record([sys.executable, "-c", code], tmp_path)
    assert recording.returncode == 0, recording.stderr
    assert recording.outside


def test_the_recorder_lets_loopback_pass_and_sees_a_file_in_home(tmp_path: Path) -> None:
    """Connections to this machine are allowed; a file in any folder of HOME is found."""
    code = """
import pathlib, socket
with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
    client.sendall(b"x")
folder = pathlib.Path.home() / ".cache" / "vendor"
folder.mkdir(parents=True)
(folder / "deviceid").write_text("x")
"""
    recording = record([sys.executable, "-c", code], tmp_path)
    assert recording.returncode == 0, recording.stderr
    assert recording.outside == ()
    assert left_behind(tmp_path) == [".cache/vendor/deviceid"]


def test_a_local_resolver_counts_as_a_look_up() -> None:
    """A resolver on loopback or behind a Unix socket forwards the name to the network."""
    assert outside('1 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0')
    assert outside('1 connect(3, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}, 42) = 0')
    assert outside('1 sendto(3, "\\2\\0\\0\\0\\r\\0\\0\\0\\6\\0\\0\\0hosts\\0", 18, MSG_NOSIGNAL, NULL, 0) = 18')
    assert not outside('1 connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT')
    assert not outside("1 sendto(3, [{nlmsg_len=20}], 20, 0, {sa_family=AF_NETLINK, nl_pid=0}, 12) = 20")


LIBRARIES = """
from index.embed import open_embedder
open_embedder("minilm")[0].query("RLHF")
import onnxruntime, chromadb, tokenizers, gradio, grpc
import ui.app, ui.chat, assistant.workplace
"""

COMMANDS = {
    "ask": (*CLI, "ask", "What is RLHF?", "--json"),
    "libraries": (
        sys.executable, "-c", LIBRARIES,
    ),
    "training": (sys.executable, "-c", "import training; import onnxruntime"),
}  # fmt: skip

SEVERAL_COMMANDS = """
import json, sys
from ui.cli.commands import app

for command in json.loads(sys.argv[1]):
    app(command, standalone_mode=False)
"""


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_no_command_calls_anybody(tmp_path: Path, command: tuple[str, ...]) -> None:
    """On a fresh machine without a network each command succeeds, resolves no name and leaves no file in HOME."""
    assert_quiet(record(command, tmp_path), tmp_path)


def test_commands_that_read_and_write_local_data_call_nobody(tmp_path: Path) -> None:
    """Build, search, import a file and sync another file, all in one process to save time."""
    data = tmp_path / "home" / "almanac"
    data.mkdir(parents=True)
    event = {"kind": "event", "title": "Quiet-4 released", "date": "2024-05-01", "summary": "Heron released Quiet-4."}
    (data / "new.jsonl").write_text(json.dumps({"id": "imported", **event}), "utf-8")
    (data / "source.jsonl").write_text(json.dumps({"id": "synced", **event, "title": "Quiet-5 released"}), "utf-8")
    commands = [
        ["config"], ["build"], ["search", "jailbreak", "--json"], ["import", str(data / "new.jsonl")], ["sync"],
        ["search", "Quiet", "--json"],
    ]  # fmt: skip
    recording = record(
        [sys.executable, "-c", SEVERAL_COMMANDS, json.dumps(commands)],
        tmp_path,
        environment={"ALMANAC_SOURCES": json.dumps([{"path": str(data / "source.jsonl")}])},
    )
    assert_quiet(recording, tmp_path)
    assert '"imported"' in recording.stdout
    assert '"synced"' in recording.stdout


def test_settings_of_other_programs_do_not_turn_telemetry_on(tmp_path: Path) -> None:
    """Tests variables in the environment, and a file `.env` in the working folder, which Chroma reads."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".env").write_text("".join(f"{name}={value}\n" for name, value in TELEMETRY_ON.items()))
    recording = record(COMMANDS["ask"], tmp_path, environment=TELEMETRY_ON)
    assert recording.returncode == 0, recording.stderr
    assert recording.outside == ()
    assert left_behind(tmp_path) == [".env"]
    assert json.loads(recording.stdout)["status"] == "answered"


def test_a_server_calls_nobody_while_it_starts_and_answers(tmp_path: Path) -> None:
    """From start to interrupt: the chat page is opened, an event is refused, a question is answered."""
    recording = record([sys.executable, "-c", SERVE], tmp_path)
    assert_quiet(recording, tmp_path)
    assert json.loads(recording.stdout)["status"] == "answered"


def test_a_session_over_mcp_calls_nobody(tmp_path: Path) -> None:
    """One handshake and one question over standard input."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    asked = {"name": "ask", "arguments": {"question": "What is RLHF?"}}
    messages: list[dict[str, object]] = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": asked},
    ]
    recording = record([sys.executable, "-c", MCP, *map(json.dumps, messages)], tmp_path)
    assert_quiet(recording, tmp_path)
    assert json.loads(recording.stdout)["result"]["structuredContent"]["status"] == "answered"


MCP = """
import json, subprocess, sys

session = subprocess.Popen(
    [sys.executable, "-m", "ui.cli", "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)
for message in sys.argv[1:]:
    print(message, file=session.stdin, flush=True)
    if "id" in json.loads(message):
        answer = session.stdout.readline()
session.stdin.close()
print(answer)
sys.exit(session.wait(timeout=60))
"""


def test_a_user_s_setting_cannot_turn_telemetry_on_by_accident() -> None:
    """Every telemetry variable is overwritten; only the download of a model stays the user's choice."""
    environment = {"ORT_DISABLE_TELEMETRY": "0", "DO_NOT_TRACK": "", "HF_HUB_OFFLINE": "0", "PATH": "x"}
    telemetry.go_offline(environment)
    assert environment == telemetry.NO_TELEMETRY | {"HF_HUB_OFFLINE": "0", "PATH": "x"}


def test_every_package_goes_offline_before_it_imports_a_library(project: Path) -> None:
    """Each package's `__init__` imports `index` before any library, and the first import of that is `index.telemetry`."""
    for package in ("assistant", "ui", "training"):
        libraries = [name for name in _imports(project / package / "__init__.py") if not _is_standard(name)]
        assert libraries[0] == "index", package
    assert _imports(project / "index" / "__init__.py") == ["telemetry"]


def _is_standard(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


def _imports(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
    return found
