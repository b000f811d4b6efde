"""Nothing phones home: the variables that keep libraries from reporting, set before any of them is imported.

`import index` sets them, and `assistant`, `ui`, `training` and `benchmarks` import it first. Processes that we start
inherit them. docs/security.md says how each library was checked.
"""

import os
import sys
from collections.abc import MutableMapping

NO_TELEMETRY = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime reads it when it is imported, and never again
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "GRADIO_ANALYTICS_ENABLED": "False",  # also Gradio's look-up of its newest version
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}
"""Always set, whatever was set before: "0", "" or a value that the library does not know would turn telemetry on."""
DEFAULTS = {
    "HF_HUB_OFFLINE": "1",  # a user of `fastembed:NAME` sets it to 0 once, to download the model
}
"""Set where the user has set nothing: no telemetry, but a library might use the network."""


def go_offline(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set the variables in `environment`; this process's own by default.

    A library that was imported before has read them already. For onnxruntime its own switch is then used, which stops
    most of it: import `index` first to stop all.
    """
    too_late = "onnxruntime" in sys.modules and environment.get("ORT_DISABLE_TELEMETRY") != "1"
    environment.update(NO_TELEMETRY)
    for name, value in DEFAULTS.items():
        environment.setdefault(name, value)
    if too_late and environment is os.environ:
        getattr(sys.modules["onnxruntime"], "disable_telemetry_events", lambda: None)()
