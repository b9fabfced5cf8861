"""Why containers are not ready: images, configuration, crashes, probes.

In: a pod with a node, the picture. Out: `Found`s, one a container that is in trouble; init containers first.
Reasons are the kubelet's own (fact sheet runtime.md; docs/gates.md lists the gates).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from moorage.api.refs import Document
from moorage.api.scheme import PODS
from moorage.why.gate import Found, Ref, line, ref_of
from moorage.why.picture import Picture
from moorage.why.words import about

_DENIED = re.compile(
    r"unauthorized|denied|authentication required|forbidden|no basic auth|\b401\b|\b403\b", re.IGNORECASE
)
_MISSING = re.compile(r'(configmap|secret) "([^"]+)" not found')
_NO_KEY = re.compile(r"couldn't find key (\S+) in (ConfigMap|Secret) ([^/\s]+)/(\S+)")
_NOT_PULLED = "Failed to pull image "
_NO_CAUSE = re.compile(r'(?:Back-off pulling image "[^"]*")?')
_STARTLESS = frozenset({"StartError", "ContainerCannotRun", "RunContainerError"})
_PROBES = ("Liveness", "Startup", "Readiness")


class _Container(NamedTuple):
    """One container in trouble, or about to be found not to be."""

    pod: Document
    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    init: bool
    picture: Picture

    @property
    def name(self) -> str:
        return str(self.status["name"])

    @property
    def label(self) -> str:
        return f"{'init container' if self.init else 'container'} {self.name}"

    def found(
        self, gate: str, *evidence: str | None, since: str = "", culprit: Ref | None = None, **words: str
    ) -> Found:
        own = ref_of(PODS, self.pod)
        text = line(f"{self.label}: {', '.join(part.rstrip(': ') for part in evidence if part)}")
        made = Found(
            gate, culprit or own, text, since or _since(self.pod), words={**about(self.pod, self.name), **words}
        )
        return made.below(own) if culprit else made


def reasons(pod: Document, picture: Picture) -> list[Found]:
    """Return what is wrong with the containers."""
    init = [found for one in _all(pod, picture, init=True) for found in _of(one)]
    return init or [found for one in _all(pod, picture, init=False) for found in _of(one)]


def _all(pod: Document, picture: Picture, *, init: bool) -> Iterator[_Container]:
    key, specs = ("initContainerStatuses", "initContainers") if init else ("containerStatuses", "containers")
    named = {one["name"]: one for one in pod["spec"].get(specs) or ()}
    for status in (pod.get("status") or {}).get(key) or ():
        yield _Container(pod, named.get(status["name"], {}), status, init, picture)


def _of(one: _Container) -> Iterator[Found]:
    state = one.status.get("state") or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
    judge = _WAITING.get(waiting.get("reason") or "")
    if judge is not None:
        yield judge(one, waiting)
    elif ended and ended.get("exitCode"):
        yield _crash(one, waiting)
    elif "running" in state:
        yield from _running(one, state["running"])


def _running(one: _Container, running: Mapping[str, Any]) -> Iterator[Found]:
    """A container that runs: an init container is to end, others are to become ready."""
    if one.init and one.spec.get("restartPolicy") != "Always":
        yield one.found("InitContainerRunning", "still running", since=running.get("startedAt") or "")
    elif not one.status.get("ready") and not one.init:
        yield from _probed(one, running.get("startedAt") or "")


def _probed(one: _Container, since: str) -> Iterator[Found]:
    """Return the probe that has not passed; without one the container is ready in a moment."""
    starting = one.spec.get("startupProbe") and not one.status.get("started")
    kind, key = ("Startup", "startupProbe") if starting else ("Readiness", "readinessProbe")
    event = _probe_event(one, kind)
    probe = one.spec.get(key) or {}
    if not probe and event is None:
        return
    said = event.get("message") if event else f"{kind} probe has not passed yet"
    yield one.found(f"{kind}ProbeFailing", str(said), describe_probe(probe), since=since)


def describe_probe(probe: Mapping[str, Any]) -> str:
    """Return what a probe does: `http-get :8080/ready every 10s`."""
    shapes: Mapping[str, Callable[[Any], str]] = {
        "httpGet": lambda one: f"http-get :{one.get('port')}{one.get('path') or '/'}",
        "tcpSocket": lambda one: f"tcp-socket :{one.get('port')}",
        "grpc": lambda one: f"grpc :{one.get('port')}",
        "exec": lambda one: f"exec {' '.join(one.get('command') or ())}",
    }
    text = next((shape(probe[key]) for key, shape in shapes.items() if probe.get(key)), "")
    return f"{text} every {probe.get('periodSeconds', 10)}s" if text else ""


def _probe_event(one: _Container, kind: str) -> Document | None:
    """Return the newest failure of a probe of this container."""
    about_it = [
        event
        for event in one.picture.events(one.pod)
        if event.get("reason") == "Unhealthy" and str(event.get("message") or "").startswith(f"{kind} probe")
    ]
    path = f"{{{one.name}}}"
    own = [event for event in about_it if path in ((event.get("involvedObject") or {}).get("fieldPath") or path)]
    return max(own, key=lambda event: event.get("lastTimestamp") or "", default=None)


def _image(one: _Container, waiting: Mapping[str, Any]) -> Found:
    failures = [
        str(event.get("message") or "") for event in one.picture.events(one.pod) if event.get("reason") == "Failed"
    ]
    told = next((text for text in reversed(failures) if text.startswith(_NOT_PULLED)), "")
    text = waiting.get("message") or ""
    # Older kubelets say in the status only that they wait; what went wrong is in the event.
    text = told if told and _NO_CAUSE.fullmatch(text) else text
    gate = "ImagePullDenied" if _DENIED.search(f"{text} {told}") else "ImagePullFailed"
    image = one.spec.get("image") or one.status.get("image") or ""
    return one.found(gate, waiting["reason"], f"image {image}", core_of(text))


def core_of(text: str) -> str:
    """Return the end of a runtime's error: what went wrong, without the list of calls it went through."""
    return ": ".join(text.rpartition(" desc = ")[2].split(": ")[-2:]) if "rpc error" in text else text


def _config(one: _Container, waiting: Mapping[str, Any]) -> Found:
    text = str(waiting.get("message") or "")
    own = ref_of(PODS, one.pod)
    missing, no_key = _MISSING.search(text), _NO_KEY.search(text)
    if missing:
        kind = {"configmap": "ConfigMap", "secret": "Secret"}[missing[1]]
        return one.found(f"{kind}Missing", text, culprit=own._replace(kind=kind, name=missing[2]))
    if no_key:
        return one.found("KeyMissing", text, culprit=Ref(no_key[2], no_key[3], no_key[4]))
    return one.found("ContainerConfigInvalid", waiting["reason"], text)


def _crash(one: _Container, waiting: Mapping[str, Any]) -> Found:
    """A container that ended and is to start again, or was not meant to end."""
    state, last = one.status.get("state") or {}, one.status.get("lastState") or {}
    ended = state.get("terminated") or last.get("terminated") or {}
    reason, code = str(ended.get("reason") or ""), ended.get("exitCode", "")
    exit_text = f"exit code {code}" + (f" ({reason})" if reason not in ("", "Error") else "")
    restarts = f"restarts {one.status.get('restartCount', 0)}"
    since = str(ended.get("finishedAt") or "")
    if reason == "OOMKilled":
        limit = ((one.spec.get("resources") or {}).get("limits") or {}).get("memory")
        return one.found("OutOfMemory", exit_text, limit and f"memory limit {limit}", restarts, since=since)
    if reason in _STARTLESS:
        return one.found("ContainerCannotStart", reason, ended.get("message"), since=since)
    for kind in _PROBES[:2]:
        event = _probe_event(one, kind)
        if event is not None:
            text = str(event.get("message") or "")
            return one.found(
                f"{kind}ProbeFailing", text, exit_text, restarts, since=str(event.get("firstTimestamp") or "")
            )
    return one.found("CrashLoop", waiting.get("reason"), exit_text, ended.get("message"), restarts, since=since)


def _simple(gate: str) -> Callable[[_Container, Mapping[str, Any]], Found]:
    return lambda one, waiting: one.found(gate, waiting["reason"], waiting.get("message"))


_WAITING: Mapping[str, Callable[[_Container, Mapping[str, Any]], Found]] = {
    "ErrImagePull": _image,
    "ImagePullBackOff": _image,
    "InvalidImageName": _simple("ImageNameInvalid"),
    "ErrImageNeverPull": _simple("ImageNotPresent"),
    "CreateContainerConfigError": _config,
    "CreateContainerError": _simple("ContainerCannotStart"),
    "RunContainerError": _simple("ContainerCannotStart"),
    "CrashLoopBackOff": _crash,
}
"""Reasons to wait that mean trouble."""


def _since(pod: Document) -> str:
    found = ((pod.get("status") or {}).get("conditions")) or ()
    ready: Mapping[str, Any] = next((one for one in found if one.get("type") == "Ready"), {})
    return str(ready.get("lastTransitionTime") or pod["metadata"].get("creationTimestamp") or "")
