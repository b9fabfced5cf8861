"""List and watch as a pure step: what was asked, what came back, what to do next.

In: `State` and one `Input`. Out: the next `State` and `Effect`s, which `informer.reflector` carries out.
Rules (facts/apiserver.md 5.1, facts/reliability.md ST4, C.3): a watch goes on after the last event or bookmark seen;
410 means list again; an event at or below the last revision is a repetition and is dropped.
"""

from dataclasses import dataclass, replace

from moorage.api.refs import Document


@dataclass(frozen=True, slots=True)
class State:
    """Where one list/watch stands.

    Args:
        revision: last revision seen; 0 before the first list.
        failures: failures in a row, for the back-off.
        quiet: nothing came since the watch was opened.
    """

    revision: int = 0
    failures: int = 0
    quiet: bool = True


# --- inputs ---


@dataclass(frozen=True, slots=True)
class Started:
    """The reflector starts."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list came back whole."""

    documents: tuple[Document, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Happened:
    """One watch event; `revision` is that of its object."""

    type: str
    document: Document
    revision: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The server ended the watch in good order."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The revision asked for is no longer kept (410), as an answer or as an ERROR event."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A list or watch could not be had: connection, overload, refusal."""

    listing: bool = False


Input = Started | Listed | Happened | Ended | Expired | Failed

# --- effects ---


@dataclass(frozen=True, slots=True)
class List:
    """Wait for the back-off of `failures`, then list."""

    failures: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """Wait for the back-off of `failures`, then watch everything after `revision`."""

    revision: int
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Replace:
    """Swap the whole cache."""

    documents: tuple[Document, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Apply:
    """Take over one change. `deleted` says that the object is gone."""

    document: Document
    revision: int
    deleted: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """Nothing changed up to `revision`."""

    revision: int


Effect = List | Watch | Replace | Apply | Progress
_CHANGES = {"ADDED": False, "MODIFIED": False, "DELETED": True}


def step(state: State, event: Input) -> tuple[State, tuple[Effect, ...]]:
    """Return what follows from one input."""
    match event:
        case Started():
            return State(), (List(),)
        case Listed(documents, revision):
            # Failures are forgotten only once the watch delivers: lists that lead to 410 at once must not spin.
            return State(revision, state.failures), (Replace(documents, revision), Watch(revision))
        case Happened():
            return _happened(state, event)
        case Ended():
            # A watch that ends before anything came is suspect: back off, so that the two sides do not spin.
            failures = state.failures + 1 if state.quiet else 0
            return replace(state, failures=failures, quiet=True), (Watch(state.revision, failures),)
        case Expired():
            return replace(state, failures=state.failures + 1), (List(state.failures),)
        case Failed(listing):
            failures = state.failures + 1
            again: Effect = List(failures) if listing or not state.revision else Watch(state.revision, failures)
            return replace(state, failures=failures, quiet=True), (again,)


def _happened(state: State, event: Happened) -> tuple[State, tuple[Effect, ...]]:
    heard = State(max(state.revision, event.revision), failures=0, quiet=False)
    if event.revision <= state.revision:
        return heard, ()
    if event.type == "BOOKMARK":
        return heard, (Progress(event.revision),)
    if event.type not in _CHANGES:
        return heard, ()
    return heard, (Apply(event.document, event.revision, _CHANGES[event.type]),)
