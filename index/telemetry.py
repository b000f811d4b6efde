"""Turn off the telemetry of all libraries, by environment variables that are set before a library is imported.

`import index` sets them, and `assistant`, `ui`, `training` and `benchmarks` import `index` first. Child processes
inherit them. docs/security.md describes how each library was checked.
"""

import os
import sys
from collections.abc import MutableMapping

NO_TELEMETRY = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime reads it once, when it is imported
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "GRADIO_ANALYTICS_ENABLED": "False",  # also stops Gradio's look-up of its newest version
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}
"""Always set, whatever the user has set: "0", "" or a value that a library does not know would turn telemetry on."""
DEFAULTS = {
    "HF_HUB_OFFLINE": "1",  # users of `fastembed:NAME` set it to 0 once, to download the model
}
"""Set only if the user has not set them: these control network use that is not telemetry."""


def go_offline(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set the variables in `environment`, by default that of this process.

    If onnxruntime was imported before, it has already read its variable. Then its own switch is used, which stops most
    of its telemetry. Import `index` before onnxruntime to stop all of it.
    """
    too_late = "onnxruntime" in sys.modules and environment.get("ORT_DISABLE_TELEMETRY") != "1"
    environment.update(NO_TELEMETRY)
    for name, value in DEFAULTS.items():
        environment.setdefault(name, value)
    if too_late and environment is os.environ:
        getattr(sys.modules["onnxruntime"], "disable_telemetry_events", lambda: None)()
