"""What to do for one pod now.

In: `Snapshot` and the time. Out: `PodPlan`; the next room is `podworker`. Pure.
Order of thought: stop what must stop, then sandbox, init containers, the others, then tidy up (kubelet, 1.32).
"""

from collections.abc import Iterable
from dataclasses import replace

from moorage.nodeagent import lifecycle, restarts
from moorage.nodeagent.marks import container_marks, spec_hash
from moorage.nodeagent.plan import PodPlan, Start, Stop
from moorage.nodeagent.podspec import Container, Role
from moorage.nodeagent.ports import ContainerState, RuntimeContainer
from moorage.nodeagent.snapshot import Failure, Snapshot, Termination

DEADLINE_MESSAGE = "Pod was active on the node longer than the specified deadline"
KILL_NOW = 0.0


def decide(snapshot: Snapshot, now: float) -> PodPlan:
    """Return what to do for a pod at `now` (UTC seconds)."""
    if snapshot.termination is not None and snapshot.termination.cause != "failed":
        return _terminate(snapshot, snapshot.termination)
    if lifecycle.outcome(snapshot):
        return _wind_down(snapshot, now)
    deadline = _active_deadline(snapshot)
    if deadline is not None and deadline <= now:
        end = now + snapshot.pod.spec.termination_grace_period_seconds
        return PodPlan(fail=Termination("failed", end, "DeadlineExceeded", DEADLINE_MESSAGE))
    plan = _keep_running(snapshot, now)
    return _woken_by(plan, deadline)


def _active_deadline(snapshot: Snapshot) -> float | None:
    seconds = snapshot.pod.spec.active_deadline_seconds
    return None if seconds is None else snapshot.started_at + seconds


def _woken_by(plan: PodPlan, moment: float | None) -> PodPlan:
    if moment is None:
        return plan
    return replace(plan, wake_at=moment if plan.wake_at is None else min(plan.wake_at, moment))


# --- stopping ---


def _terminate(snapshot: Snapshot, termination: Termination) -> PodPlan:
    """Stop containers, then sandboxes, then volumes, then tell the API, then forget: each only after the one before."""
    stops = _stop_all(snapshot, termination.deadline)
    if stops:
        return PodPlan(stop=stops)
    ready = _live_sandboxes(snapshot)
    if ready:
        return PodPlan(stop_sandboxes=ready)
    if snapshot.volumes_left:
        return PodPlan(unmount=True)
    if termination.cause == "deleted":
        return PodPlan(release=True)
    return PodPlan(clear=True)


def _wind_down(snapshot: Snapshot, now: float) -> PodPlan:
    """A pod that finished keeps its dead containers, for their logs; everything else is given back."""
    grace = snapshot.pod.spec.termination_grace_period_seconds
    deadline = snapshot.termination.deadline if snapshot.termination else now + grace
    stops = _stop_all(snapshot, deadline)
    if stops:
        return PodPlan(stop=stops)
    ready = _live_sandboxes(snapshot)
    if ready:
        return PodPlan(stop_sandboxes=ready)
    return PodPlan(unmount=snapshot.volumes_left, remove_containers=_surplus(snapshot))


def _live_sandboxes(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(one.id for one in (snapshot.runtime.sandboxes if snapshot.runtime else ()) if one.ready)


def _stop_all(snapshot: Snapshot, deadline: float) -> tuple[Stop, ...]:
    """Stop the main containers, and only after them the sidecars, last declared first (KEP-753)."""
    alive = snapshot.running()
    mains = [one for one in alive if snapshot.pod.role(one.name) is not Role.SIDECAR]
    if mains or not alive:
        return tuple(_stop(one, deadline, f"Stopping container {one.name}") for one in mains)
    order = [one.name for one in snapshot.pod.spec.init_containers]
    last = max(alive, key=lambda one: order.index(one.name))
    return (_stop(last, deadline, f"Stopping container {last.name}"),)


def _stop(container: RuntimeContainer, deadline: float, message: str) -> Stop:
    return Stop(container.id, container.name, deadline, message)


# --- running ---


def _keep_running(snapshot: Snapshot, now: float) -> PodPlan:
    if snapshot.ready_sandbox is not None:
        return _containers(snapshot, now)
    if snapshot.runtime is not None and (snapshot.running() or snapshot.sandbox):
        return _replace_sandbox(snapshot, now)
    return _first_sandbox(snapshot, now)


def _first_sandbox(snapshot: Snapshot, now: float) -> PodPlan:
    own = snapshot.waits.get("")
    if snapshot.hold:
        return PodPlan()
    if own is not None and own.until > now:
        return PodPlan(wake_at=own.until)
    if not snapshot.confirmed:
        return PodPlan(confirm=True)
    if not snapshot.volumes_ready:
        return PodPlan(mount=True)
    return PodPlan(sandbox=snapshot.sandbox.attempt + 1 if snapshot.sandbox else 0)


def _replace_sandbox(snapshot: Snapshot, now: float) -> PodPlan:
    """The sandbox died: whatever still runs in it goes, then a new one, unless nothing in it would run again."""
    stops = _stop_all(snapshot, now + snapshot.pod.spec.termination_grace_period_seconds)
    return PodPlan(stop=stops) if stops else _first_sandbox(snapshot, now)


def _containers(snapshot: Snapshot, now: float) -> PodPlan:
    if not snapshot.volumes_ready:
        # A restarted agent finds the pod running: mounting again finds everything in place.
        own = snapshot.waits.get("")
        return PodPlan(wake_at=own.until) if own is not None and own.until > now else PodPlan(mount=True)
    stops = tuple(_unwanted(snapshot, now))
    if stops:
        return PodPlan(stop=stops)
    verdicts = [_verdict(snapshot, spec, now) for spec in _due(snapshot)]
    starts = tuple(one for one in verdicts if isinstance(one, Start))
    held = {name: wait for one in verdicts if isinstance(one, dict) for name, wait in one.items()}
    return PodPlan(
        start=starts,
        waits=held,
        remove_containers=_surplus(snapshot),
        wake_at=min((wait.until for wait in held.values()), default=None),
    )


def _due(snapshot: Snapshot) -> Iterable[Container]:
    """Return the containers that should run now: sidecars that had their turn, then the init due, or all the others."""
    waiting = lifecycle.next_init(snapshot) if not lifecycle.initialized(snapshot) else None
    for spec in snapshot.pod.spec.init_containers:
        if spec is waiting:
            yield spec
            return
        if snapshot.pod.role(spec.name) is Role.SIDECAR:
            yield spec
    yield from snapshot.pod.spec.containers


def _verdict(snapshot: Snapshot, spec: Container, now: float) -> Start | dict[str, Failure] | None:
    """Return a start, or the reason to wait, or None for a container that is as it should be."""
    failure = snapshot.waits.get(spec.name)
    if failure is not None and failure.until > now:
        return {spec.name: failure}
    found = snapshot.current(spec.name)
    if lifecycle.running(found):
        return None
    if found is not None and found.state is ContainerState.CREATED:
        return Start(spec.name, found.attempt, container_marks(found.annotations).restart_delay)
    if found is None:
        return Start(spec.name, snapshot.next_attempt(spec.name))
    if not restarts.wanted(lifecycle.policy(snapshot, spec.name), found):
        return None
    restart = restarts.after(found)
    if restart.at > now:
        return {spec.name: _crash_loop(snapshot, spec, restart)}
    return Start(spec.name, snapshot.next_attempt(spec.name), restart.delay)


def _crash_loop(snapshot: Snapshot, spec: Container, restart: restarts.Restart) -> Failure:
    waited = _go_duration(restart.waited)
    text = f"back-off {waited} restarting failed container={spec.name} pod={snapshot.pod.full_name}"
    return Failure("CrashLoopBackOff", text, restart.at)


def _go_duration(seconds: float) -> str:
    """Return whole seconds as Go prints a duration: 10s, 1m20s, 5m0s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _unwanted(snapshot: Snapshot, now: float) -> Iterable[Stop]:
    """Return stops for running containers that are unhealthy, changed, or in a state nobody knows."""
    for spec in snapshot.pod.containers:
        found = snapshot.current(spec.name)
        if found is None or found.state in (ContainerState.EXITED, ContainerState.CREATED):
            continue
        unhealthy = snapshot.results(found, spec).unhealthy
        if unhealthy:
            yield _stop(found, now + _probe_grace(snapshot, spec, unhealthy), _unhealthy_text(spec, unhealthy))
        elif found.state is ContainerState.UNKNOWN:
            yield _stop(found, KILL_NOW, f"Container {spec.name} is in an unknown state, try killing it before restart")
        elif container_marks(found.annotations).spec_hash not in ("", spec_hash(spec.name, spec.image)):
            deadline = now + snapshot.pod.spec.termination_grace_period_seconds
            yield _stop(found, deadline, f"Container {spec.name} definition changed, will be restarted")


def _unhealthy_text(spec: Container, probe: str) -> str:
    return f"Container {spec.name} failed {probe} probe, will be restarted"


def _probe_grace(snapshot: Snapshot, spec: Container, probe: str) -> float:
    failed = spec.liveness_probe if probe == "liveness" else spec.startup_probe
    own = failed.termination_grace_period_seconds if failed else None
    return snapshot.pod.spec.termination_grace_period_seconds if own is None else own


def _surplus(snapshot: Snapshot) -> tuple[str, ...]:
    """Return dead containers beyond the newest of each name: one is kept for its log and last state."""
    surplus: list[str] = []
    for name in dict.fromkeys(one.name for one in snapshot.all_containers):
        mine = snapshot.of(name)
        kept = 1 if mine[0].state is ContainerState.EXITED else 2
        surplus += [one.id for one in mine[kept:] if one.state is ContainerState.EXITED]
    return tuple(surplus)
