"""List and watch, step by step."""

from moorage.informer.machine import (
    Apply,
    Ended,
    Expired,
    Failed,
    Happened,
    List,
    Listed,
    Progress,
    Replace,
    Started,
    State,
    Watch,
    step,
)

DOCUMENT = {"metadata": {"name": "a"}}


def test_starts_with_a_list() -> None:
    assert step(State(7), Started()) == (State(), (List(),))


def test_a_list_is_swapped_in_and_watched_from() -> None:
    state, effects = step(State(), Listed((DOCUMENT,), 10))
    assert state.revision == 10
    assert effects == (Replace((DOCUMENT,), 10), Watch(10))


def test_events_move_the_revision() -> None:
    state, effects = step(State(10), Happened("ADDED", DOCUMENT, 12))
    assert state == State(12, quiet=False)
    assert effects == (Apply(DOCUMENT, 12, deleted=False),)
    state, effects = step(state, Happened("DELETED", DOCUMENT, 13))
    assert effects == (Apply(DOCUMENT, 13, deleted=True),)
    assert step(state, Happened("BOOKMARK", DOCUMENT, 20)) == (State(20, quiet=False), (Progress(20),))


def test_repeated_events_are_dropped() -> None:
    state, effects = step(State(12), Happened("MODIFIED", DOCUMENT, 12))
    assert effects == ()
    assert state.revision == 12


def test_unknown_events_only_move_the_revision() -> None:
    assert step(State(1), Happened("SOMETHING", DOCUMENT, 2)) == (State(2, quiet=False), ())


def test_an_ended_watch_goes_on_where_it_was() -> None:
    assert step(State(12, quiet=False), Ended()) == (State(12), (Watch(12),))


def test_watches_that_end_without_a_word_back_off() -> None:
    state, effects = step(State(12), Ended())
    assert effects == (Watch(12, 1),)
    assert step(state, Ended())[1] == (Watch(12, 2),)


def test_expiry_lists_again_at_once_and_then_backs_off() -> None:
    state, effects = step(State(12, quiet=False), Expired())
    assert effects == (List(0),)
    state, _ = step(state, Listed((), 20))
    state, effects = step(state, Expired())
    assert effects == (List(1),)
    state, _ = step(state, Listed((), 30))
    state, _ = step(state, Happened("ADDED", DOCUMENT, 31))
    assert step(state, Expired())[1] == (List(0),)


def test_failures_count_up_and_keep_the_place() -> None:
    state, effects = step(State(12, quiet=False), Failed())
    assert effects == (Watch(12, 1),)
    assert step(state, Failed())[1] == (Watch(12, 2),)
    assert step(State(), Failed(listing=True))[1] == (List(1),)
    assert step(State(12), Failed(listing=True))[1] == (List(1),)
