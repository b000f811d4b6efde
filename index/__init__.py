"""The catalogue and its indexes; nobody has asked anything yet."""

from .offline import go_offline

go_offline()
