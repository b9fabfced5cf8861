"""Back-off doubles per key, is bounded, and is forgotten on success."""

from moorage.base.backoff import Backoff


def test_doubles_up_to_the_bound() -> None:
    backoff = Backoff(1.0, 5.0)
    assert [backoff.failed("a") for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_keys_do_not_know_each_other() -> None:
    backoff = Backoff(1.0, 5.0)
    backoff.failed("a")
    assert backoff.failed("b") == 1.0


def test_success_forgets() -> None:
    backoff = Backoff(1.0, 5.0)
    backoff.failed("a")
    backoff.succeeded("a")
    assert (backoff.failures("a"), backoff.failed("a")) == (0, 1.0)


def test_many_failures_do_not_overflow() -> None:
    backoff = Backoff(0.005, 1000.0)
    assert [backoff.failed("a") for _ in range(200)][-1] == 1000.0
