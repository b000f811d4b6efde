"""The small buttons under an answer: did it help, and sharing it. `verdict.js` does what they say."""

from ui.html import attributes

from .conversation import Exchange

_THUMB = '<span aria-hidden="true"></span>'


def verdict(one: Exchange) -> str:
    """Buttons under an answer that stands there whole; nothing under one that was stopped."""
    if one.answer is None or one.pending or one.stopped or one.answer.status == "unavailable":
        return ""
    up = attributes(type="button", class_="thumb", data_rate="up", aria_label="This helped", aria_pressed="false")
    down = attributes(
        type="button", class_="thumb down", data_rate="down", aria_label="This did not help", aria_pressed="false"
    )
    share = attributes(type="button", class_="tool", data_share="", title="Make a link that anyone can read")
    group = attributes(class_="verdict", role="group", aria_label="This answer", data_verdict=one.answer.id)
    return (
        f"<div{group}><button{up}>{_THUMB}</button><button{down}>{_THUMB}</button><button{share}>Share</button></div>"
    )
