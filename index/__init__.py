"""The catalogue and its indexes; nobody has asked anything yet."""

from .telemetry import go_offline

go_offline()
