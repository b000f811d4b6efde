"""Buttons below an answer to rate and to share it. Their actions are in `verdict.js`."""

from ui.html import attributes

from .conversation import Exchange

_THUMB = '<span aria-hidden="true"></span>'


def verdict(exchange: Exchange) -> str:
    """The buttons below a complete answer; empty if it is unavailable."""
    answer = exchange.answer
    if answer is None or answer.status == "unavailable":
        return ""
    up = attributes(type="button", class_="thumb", data_rate="up", aria_label="This helped", aria_pressed="false")
    down = attributes(
        type="button", class_="thumb down", data_rate="down", aria_label="This did not help", aria_pressed="false"
    )
    share = attributes(type="button", class_="tool", data_share="", title="Make a link that anyone can read")
    group = attributes(class_="verdict", role="group", aria_label="This answer", data_verdict=answer.id)
    return (
        f"<div{group}><button{up}>{_THUMB}</button><button{down}>{_THUMB}</button><button{share}>Share</button></div>"
    )
