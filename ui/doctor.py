"""Looks whether an installation is ready to serve: each finding says what was looked at, how it is, and what to do."""

import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import Any, Literal

from assistant import __version__
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index import generation, integrity
from index.editing.journal import Journal
from index.errors import AlmanacError, IndexMissingError
from index.generation import Manifest
from ui.serving.listener import reserve
from ui.storage.storage import Storage

State = Literal["ok", "note", "problem"]
_LIBRARIES = ("chromadb", "gradio", "llama-index-core", "fastapi", "uvicorn", "onnxruntime")
_MIN_FREE_BYTES = 500 * 2**20
_NETWORK_EMBEDDERS = ("openai:", "ollama:", "fastembed:")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was looked at, how it is, and what to do about it; `advice` is empty if there is nothing to do."""

    what: str
    state: State
    finding: str
    advice: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of `almanac doctor --json`."""
        return asdict(self)


def diagnose(settings: Settings) -> Iterator[Diagnosis]:
    """Look at everything, one thing after the other. Nothing is changed, and no network is used."""
    yield _versions()
    for what, look in _LOOKS.items():
        try:
            yield from look(settings)
        except AlmanacError as error:
            yield Diagnosis(what, "problem", str(error), error.hint)
        except OSError as error:
            yield Diagnosis(what, "problem", str(error), "check the path and its permissions")


def _versions() -> Diagnosis:
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in _LIBRARIES)
    system = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return Diagnosis("versions", "ok", f"almanac {__version__}, {system}; {libraries}")


def _data(settings: Settings) -> Iterator[Diagnosis]:
    place = settings.data
    existing = next(folder for folder in (place, *place.resolve().parents) if folder.is_dir())
    with tempfile.TemporaryFile(dir=existing):
        yield Diagnosis(
            "data folder", "ok", f"{place} can be written{'' if place.is_dir() else ' when it is first needed'}"
        )
    free = shutil.disk_usage(existing).free
    enough = free >= _MIN_FREE_BYTES
    advice = "" if enough else "free some space: an index is written beside the one in use"
    yield Diagnosis("disk", "ok" if enough else "problem", f"{free / 2**30:.1f} GiB are free", advice)


def _catalogue(settings: Settings) -> Iterator[Diagnosis]:
    workplace = Workplace(settings)
    loaded = workplace.read()
    where = workplace.catalogue_path or "the starter catalogue"
    found = f"{len(loaded.entries)} entries in {where}"
    if loaded.problems:
        yield Diagnosis(
            "catalogue",
            "problem",
            f"{found}; {len(loaded.problems)} lines cannot be read",
            "almanac check --only unreadable",
        )
    else:
        yield Diagnosis("catalogue", "ok", found)
    journal = Journal(settings.catalogue_file)
    latest = journal.changes(top=1)
    yield Diagnosis(
        "history",
        "ok",
        f"the latest change is {latest[0].number} of {latest[0].at}" if latest else "no change is recorded yet",
    )
    notice = workplace.notice
    yield Diagnosis(
        "embedder", "note" if notice else "ok", notice or settings.embedder, "reinstall the embedder" if notice else ""
    )
    yield from _index(workplace, loaded.hash)


def _index(workplace: Workplace, catalogue_hash: str) -> Iterator[Diagnosis]:
    folder = generation.current(workplace.home)
    if folder is None:
        yield Diagnosis(
            "index", "note", str(IndexMissingError(workplace.home)), "almanac build, or almanac serve, which builds it"
        )
        return
    manifest = Manifest.read(folder)
    integrity.check(folder, manifest.files)
    built = f"built {manifest.built_at} from {manifest.entries} entries with {manifest.embedder}"
    if manifest.catalogue != catalogue_hash:
        yield Diagnosis("index", "note", f"{built}; the catalogue has changed since", "almanac build")
    else:
        yield Diagnosis("index", "ok", f"{built}; undamaged")
    ahead = datetime.fromisoformat(manifest.built_at) - datetime.now(UTC)
    if ahead > timedelta(minutes=5):
        yield Diagnosis(
            "clock", "problem", f"the index was built {ahead} in the future", "set the clock of this machine"
        )
    else:
        yield Diagnosis("clock", "ok", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")


def _kept(settings: Settings) -> Iterator[Diagnosis]:
    figures = Storage.of(settings.data, settings).figures()
    used = f"{figures['shared']} shared answers, {figures['feedback']} feedback, {figures['bytes'] / 2**20:.1f} of {figures['bytes_allowed'] / 2**20:.0f} MB"
    nearly_full = figures["bytes"] > 0.9 * figures["bytes_allowed"]
    advice = (
        "raise ALMANAC_KEPT_MB, or almanac feedback --delete-before DATE and almanac compact" if nearly_full else ""
    )
    yield Diagnosis("shared answers and feedback", "problem" if nearly_full else "ok", used, advice)


def _port(settings: Settings) -> Iterator[Diagnosis]:
    try:
        reserve(settings).close()
    except AlmanacError as error:
        yield Diagnosis("port", "note", f"{error}; if that is this almanac, all is well", error.hint)
    else:
        yield Diagnosis("port", "ok", f"{settings.host} port {settings.port} is free")


def _access(settings: Settings) -> Iterator[Diagnosis]:
    networks = [f"the embedder {settings.embedder}"] if settings.embedder.startswith(_NETWORK_EMBEDDERS) else []
    networks += [f"{len(settings.sources)} sources, when they are synced"] if settings.sources else []
    yield Diagnosis("network", "ok", f"used by {' and '.join(networks)}" if networks else "not used")
    local = settings.host in {"127.0.0.1", "::1", "localhost"}
    if not local and not settings.has_login:
        yield Diagnosis(
            "access",
            "note",
            f"everybody who reaches {settings.host} can ask",
            "set ALMANAC_AUTH, or a proxy with a login, if that is not meant",
        )
    if settings.url and settings.url.startswith("https:") and not settings.trusted_proxies:
        yield Diagnosis(
            "proxy",
            "note",
            "there is a public https address and no trusted proxy: all visitors count as one client",
            "set ALMANAC_TRUSTED_PROXIES to the address of the proxy",
        )
    if settings.embed_origins and settings.secret is None:
        yield Diagnosis("secret", "note", "the widget's tokens end when the server restarts", "set ALMANAC_SECRET")


_LOOKS: dict[str, Callable[[Settings], Iterator[Diagnosis]]] = {
    "data folder": _data,
    "catalogue and index": _catalogue,
    "shared answers and feedback": _kept,
    "port": _port,
    "access": _access,
}
