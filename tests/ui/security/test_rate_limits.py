"""Token buckets, admission control and readiness, with a clock that the test sets."""

import threading
from collections.abc import Iterator

import pytest

from assistant.question import Question
from assistant.settings.settings import Settings
from index.errors import BusyError
from tests.e2e.visitor import Slow
from ui.security.rate_limits import Buckets, Limits, Tally, Visitor
from ui.serving.admission import AdmissionControl, Readiness
from ui.serving.protocols import Assistant

from .guarded import Clock

READER = Visitor("203.0.113.9")


def test_a_bucket_holds_a_minute_s_worth_and_fills_as_time_goes() -> None:
    """A client that used all tokens at once waits for the next token, and no longer."""
    clock = Clock()
    limits = Limits(Settings(client_per_minute=6), clock=clock)
    assert [limits.question(READER) for _ in range(6)] == [0] * 6
    assert limits.question(READER) == 10
    clock.now += 9.5
    assert limits.question(READER) == 1
    clock.now += 0.5
    assert limits.question(READER) == 0
    clock.now += 3600
    assert [limits.question(READER) for _ in range(7)] == [0] * 6 + [10]


def test_a_refusal_takes_nothing() -> None:
    """Refused requests do not lengthen the wait."""
    clock = Clock()
    limits = Limits(Settings(client_per_minute=1), clock=clock)
    limits.question(READER)
    for _ in range(100):
        assert limits.question(READER) == 60
    clock.now += 60
    assert limits.question(READER) == 0


def test_one_client_s_questions_are_not_another_s() -> None:
    """Each client has its own bucket."""
    limits = Limits(Settings(client_per_minute=1), clock=Clock())
    assert limits.question(READER) == 0
    assert limits.question(Visitor("203.0.113.10")) == 0
    assert limits.question(READER) > 0


def test_a_site_s_readers_share_the_site_s_bucket() -> None:
    """The site's limit applies to all its clients together. A client refused by it loses no token."""
    limits = Limits(Settings(client_per_minute=2, site_per_minute=3), clock=Clock())
    readers = [Visitor(f"203.0.113.{number}", "https://example.org") for number in range(5)]
    assert [limits.question(reader) == 0 for reader in readers] == [True, True, True, False, False]
    without_site = Visitor(readers[4].client)
    assert [limits.question(without_site) == 0 for _ in range(3)] == [True, True, False]
    assert limits.question(Visitor("203.0.113.7", "https://other.example")) == 0


def test_what_costs_less_is_counted_apart() -> None:
    """A client without question tokens may still open pages, press Stop and send feedback."""
    limits = Limits(Settings(client_per_minute=1), clock=Clock())
    limits.question(READER)
    assert limits.question(READER) > 0
    assert [limits.page(READER), limits.chat_event(READER), limits.write(READER)] == [0, 0, 0]
    assert sum(limits.page(READER) == 0 for _ in range(10_000)) < 10_000


def test_only_so_many_buckets_are_remembered() -> None:
    """A crowd of addresses fills no memory; the one used last is kept."""
    clock = Clock()
    buckets = Buckets(1, remembered=100, clock=clock)
    for number in range(1000):
        buckets.take(str(number))
        buckets.take("regular")
    assert len(buckets) == 100
    assert buckets.wait("regular") > 0
    assert buckets.wait("0") == 0


def test_a_bucket_is_exact_under_threads() -> None:
    """The chat asks from many threads at once."""
    limits = Limits(Settings(client_per_minute=50), clock=Clock())
    passed: list[bool] = []
    threads = [
        threading.Thread(target=lambda: passed.extend(limits.question(READER) == 0 for _ in range(25)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 50


@pytest.fixture
def slow(assistant: Assistant) -> Iterator[Slow]:
    """The real assistant behind a gate that the test opens."""
    gated = Slow(assistant)
    yield gated
    gated.gate.set()


def _ask_in_threads(admission: AdmissionControl, number: int) -> tuple[list[threading.Thread], list[str]]:
    results: list[str] = []

    def one() -> None:
        try:
            results.append(admission.ask("What is RLHF?").status)
        except BusyError as error:
            results.append(f"busy: {error}; {error.hint}")

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads, results


def _wait_until_inside(admission: AdmissionControl, number: int) -> None:
    done = threading.Event()
    for _ in range(2000):
        if admission.inside == number:
            return
        done.wait(0.005)
    pytest.fail(f"{admission.inside} are inside, not {number}")


def test_so_many_are_answered_so_many_wait_and_the_rest_are_told(slow: Slow) -> None:
    """Nobody is lost: those inside are answered in the end, and the next is answered again."""
    tally = Tally()
    admission = AdmissionControl(slow, Settings(answers_at_once=2, waiting=3), tally)
    threads, results = _ask_in_threads(admission, 5)
    _wait_until_inside(admission, 5)
    assert admission.refused()
    with pytest.raises(BusyError, match="too many questions") as caught:
        admission.ask("What is RLHF?")
    assert "try again in" in caught.value.hint
    assert caught.value.retry_after > 0
    slow.gate.set()
    for thread in threads:
        thread.join()
    assert results == ["answered"] * 5
    assert admission.ask("What is RLHF?").status == "answered"
    assert not admission.refused()
    assert tally.counts == {"busy": 2, "answered": 6}
    assert admission.inside == 0


def test_who_has_waited_too_long_is_told(slow: Slow) -> None:
    """A turn that does not come is given up, and its place is free again."""
    admission = AdmissionControl(slow, Settings(answers_at_once=1, waiting=1, answer_seconds=0.05))
    threads, results = _ask_in_threads(admission, 1)
    _wait_until_inside(admission, 1)
    with pytest.raises(BusyError, match="all slots were busy"):
        admission.ask("What is RLHF?")
    assert admission.inside == 1
    slow.gate.set()
    threads[0].join()
    assert results == ["answered"]


def test_a_question_that_fails_gives_its_turn_back(assistant: Assistant) -> None:
    """An error is no reason to keep a place."""
    admission = AdmissionControl(assistant, Settings(answers_at_once=1, waiting=0))
    for _ in range(3):
        with pytest.raises(Exception, match=r"as_of|day|date"):
            admission.ask(Question("What happened last year?", as_of="no day"))
    assert admission.inside == 0
    assert admission.ask("What is RLHF?").status == "answered"


def test_readiness_takes_no_turn_and_is_asked_seldom(assistant: Assistant) -> None:
    """An orchestrator hears that the index answers, though all turns are taken; and its asking costs little."""
    gated = Slow(assistant)
    admission = AdmissionControl(gated, Settings(answers_at_once=1, waiting=0))
    readiness = Readiness(admission, fresh=60)
    gated.gate.set()
    first = readiness.answer()
    assert first.status == "answered"
    gated.gate.clear()
    threads, _ = _ask_in_threads(admission, 1)
    _wait_until_inside(admission, 1)
    assert readiness.answer() is first
    gated.gate.set()
    threads[0].join()
