"""`/admin/status`: figures about the server for its administrator. It needs the administrator's token."""

import time
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from assistant import __version__
from assistant.settings.settings import Settings
from ui.errors import error_body
from ui.security.login import ADMIN, Login
from ui.security.rate_limits import Tally, Visitor
from ui.serving.admission import AdmissionControl
from ui.storage.storage import Storage

_LIMITS = ("client_per_minute", "site_per_minute", "answers_at_once", "waiting", "answer_seconds")


def admin(admission: AdmissionControl, settings: Settings, access: Login, tally: Tally, storage: Storage) -> APIRouter:
    """The routes. The OpenAPI document does not contain them."""
    router = APIRouter(include_in_schema=False)

    @router.get(f"{ADMIN}status", response_model=None)
    def status(request: Request) -> dict[str, Any] | JSONResponse:
        """Figures since the server was started."""
        visitor = getattr(request.state, "visitor", Visitor(""))
        if refusal := access.administrator(request.headers, visitor):
            headers = {name.decode("ascii"): value.decode("ascii") for name, value in refusal.headers}
            return JSONResponse(error_body(refusal.code, refusal.message), refusal.status, headers=headers)
        catalogue = admission.catalogue
        counts = dict(tally.counts)
        answers = {status: counts.get(status, 0) for status in ("answered", "abstained", "unavailable")}
        return {
            "version": __version__,
            "uptime_seconds": round(time.time() - tally.started),
            "answers": answers | {"total": sum(answers.values()), "in_progress": admission.inside},
            "refused": {"too_many": counts.get("too_many", 0), "streams": counts.get("streams_refused", 0)},
            "busy": counts.get("busy", 0),
            "memory_bytes": _memory(),
            "catalogue": {"hash": catalogue.hash, "as_of": catalogue.as_of, "entries": len(catalogue.entries)},
            "kept": storage.figures(),
            "limits": {name: getattr(settings, name) for name in _LIMITS},
        }

    return router


def _memory() -> dict[str, int | None]:
    """Resident memory in bytes, now and at its peak; None where the platform has no `/proc`."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
    except OSError:
        return {"now": None, "peak": None}
    kilobytes = {
        name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines) if " kB" in rest
    }
    return {"now": kilobytes["VmRSS"] * 1024, "peak": kilobytes["VmHWM"] * 1024}
