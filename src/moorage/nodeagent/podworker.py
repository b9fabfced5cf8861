"""One pod's worker: look, decide, act, look again, until nothing of the pod is left. Never two for one pod.

In: the pod's document as it changes, wake-ups. Out: runtime calls, status, the final delete. `agent` owns the workers.
"""

import asyncio
from collections.abc import Awaitable, Callable

from moorage.api import meta, times
from moorage.api.refs import Document
from moorage.base.backoff import Backoff
from moorage.base.errors import ApiError, RuntimeFailure, Unavailable
from moorage.base.log import logger
from moorage.nodeagent import podspec, podstatus
from moorage.nodeagent.decide import decide
from moorage.nodeagent.events import PodEvents
from moorage.nodeagent.plan import PodPlan, Start
from moorage.nodeagent.podspec import Pod
from moorage.nodeagent.ports import ContainerState, RuntimePod
from moorage.nodeagent.preremoval import PreRemoval
from moorage.nodeagent.probing import PodProbing
from moorage.nodeagent.snapshot import Failure, Snapshot, Termination
from moorage.nodeagent.starter import Interrupted, Starter
from moorage.nodeagent.statuswriter import StatusWriter, same_as_reported
from moorage.nodeagent.stopper import Stopper
from moorage.nodeagent.tools import Tools
from moorage.nodeagent.volumes.ports import VolumeFailure

_log = logger("nodeagent.pod")
RETRY_SECONDS = (0.5, 10.0)
VOLUME_RETRY_SECONDS = (0.5, 16.0)
PULL_LOOK_SECONDS = 2.0
"""After a failed pull the back-off is shown from the next look on, seconds."""
CONFIRM_SECONDS = 1.0


class PodWorker:
    """Makes one pod real.

    Args:
        tools: of the node.
        pod: as it is now.
        admit: says why the node refuses a pod, None if it does not.
        hold: says why the pod may not start yet, "" if it may.
    """

    def __init__(
        self,
        tools: Tools,
        pod: Pod,
        admit: Callable[[Pod], Failure | None],
        hold: Callable[[Pod], str],
    ) -> None:
        self.pod = pod
        self._tools = tools
        self._admit = admit
        self._hold = hold
        self._woken = asyncio.Event()
        self._events = PodEvents(tools.recorder, pod)
        self._starter = Starter(tools, self._events)
        self._stopper = Stopper(tools, self._events)
        self._probing = PodProbing(tools, self._events, self._probed)
        self._pre_removal = PreRemoval(tools, self._events, lambda: self._runtime)
        self._status = StatusWriter(pod, tools.cluster, tools.clock)
        self._backoff = Backoff(*RETRY_SECONDS)
        self._volume_backoff = Backoff(*VOLUME_RETRY_SECONDS)
        self._waits: dict[str, Failure] = {}
        self._plan_waits: dict[str, Failure] = {}
        self._messages: dict[str, str] = {}
        self._termination: Termination | None = None
        self._rejected: Failure | None = None
        self.confirmed = self._runtime is not None
        self._started_at = self._first_seen()
        self._published = False
        self.done = False

    # --- what happens to the pod ---

    def update(self, document: Document) -> None:
        """Take a new version of the pod."""
        self.pod = podspec.parse(document)
        self._status.seen(self.pod)
        if meta.is_deleting(document):
            self._end("deleted", float(self.pod.grace_seconds))
        self.wake()

    def orphan(self) -> None:
        """The API knows the pod no more: stop it with the grace it had, and forget it."""
        self._end("orphaned", float(self.pod.grace_seconds))
        self.wake()

    def wake(self) -> None:
        """Look again."""
        self._woken.set()

    async def refresh(self) -> None:
        """Bring the files of ConfigMaps, Secrets and tokens up to date; a failure is tried again at the next turn."""
        try:
            await self._tools.volumes.refresh(self.pod)
        except VolumeFailure as failure:
            _log.info("volume not refreshed", pod=self.pod.full_name, problem=failure)

    def _probed(self) -> None:
        # Readiness goes out at once, whatever the worker is busy with.
        self._publish()
        self.wake()

    def _end(self, cause: str, grace: float) -> None:
        deadline = self._tools.now() + grace
        before = self._termination
        if before is not None and before.cause == cause and before.deadline <= deadline:
            return
        if before is not None:
            deadline = min(deadline, before.deadline)
        self._termination = Termination(cause, deadline)
        self._starter.interrupt()
        self._stopper.hurry()

    # --- the loop ---

    async def run(self) -> None:
        """Work until nothing of the pod is left."""
        writer = self._tools.tasks.start(f"status {self.pod.name}", self._status.run())
        try:
            while not self.done:
                await self._turn()
        finally:
            self._probing.stop()
            self._pre_removal.stop()
            writer.cancel()

    async def _turn(self) -> None:
        self._woken.clear()
        self._probing.sync(self.pod, self._runtime)
        self._pre_removal.sync(self.pod)
        snapshot = self._take()
        plan = decide(snapshot, self._tools.now())
        self._note_waits(plan)
        self._publish()
        if plan.idle:
            await self._wait(plan.wake_at)
            return
        try:
            await self._apply(plan, snapshot)
            if not self.done:
                await self._tools.relist.fresh()
        except (ApiError, Unavailable) as error:
            _log.info("trying again", pod=self.pod.full_name, problem=error)
            await self._wait(self._tools.now() + self._backoff.failed("turn"))
        else:
            self._backoff.succeeded("turn")

    def _note_waits(self, plan: PodPlan) -> None:
        for name, wait in plan.waits.items():
            if wait.reason == "CrashLoopBackOff" and self._plan_waits.get(name) != wait:
                text = f"Back-off restarting failed container {name} in pod {self.pod.full_name}"
                self._events.warning("BackOff", text, name)
        self._plan_waits = dict(plan.waits)

    async def _wait(self, until: float | None) -> None:
        """Return when woken, or at `until` (UTC seconds)."""
        timer = None
        if until is not None:
            timer = self._tools.tasks.start(f"timer {self.pod.name}", self._alarm(until - self._tools.now()))
        try:
            await self._woken.wait()
        finally:
            if timer is not None:
                timer.cancel()

    async def _alarm(self, seconds: float) -> None:
        await self._tools.clock.sleep(max(seconds, 0.0))
        self._woken.set()

    # --- looking ---

    @property
    def _runtime(self) -> RuntimePod | None:
        return self._tools.relist.pods.get(self.pod.uid)

    def _first_seen(self) -> float:
        known = self.pod.status.get("startTime")
        if known:
            return times.parse_time(str(known)).timestamp()
        runtime = self._runtime
        return runtime.sandboxes[-1].created_at if runtime and runtime.sandboxes else self._tools.now()

    def _take(self) -> Snapshot:
        runtime = self._runtime
        self._read_messages(runtime)
        return Snapshot(
            pod=self.pod,
            runtime=runtime,
            started_at=self._started_at,
            confirmed=self.confirmed,
            hold=self._hold(self.pod) if runtime is None else "",
            rejected=self._rejected,
            termination=self._termination,
            volumes_ready=self._tools.volumes.ready(self.pod.uid),
            volumes_left=self._tools.volumes.left(self.pod.uid),
            waits=self._waits,
            probes=self._probing.results(),
            messages=self._messages,
            host_ip=self._tools.settings.address,
        )

    def _read_messages(self, runtime: RuntimePod | None) -> None:
        for one in runtime.containers if runtime else ():
            spec = self.pod.container(one.name)
            if one.state is ContainerState.EXITED and one.id not in self._messages and spec is not None:
                self._messages[one.id] = self._tools.files.message(self.pod, spec, one)

    def _publish(self) -> None:
        snapshot = self._take()
        if snapshot.termination is not None and snapshot.termination.cause == "orphaned":
            return
        waits = {**self._waits, **self._plan_waits}
        status = podstatus.compute(snapshot, waits, self._tools.clock.now(), self._status.last)
        if not self._published and same_as_reported(status, dict(self.pod.status)):
            self._status.assume(status)
        self._published = True
        self._status.offer(status)

    # --- acting, in the order of `PodPlan` ---

    async def _apply(self, plan: PodPlan, snapshot: Snapshot) -> None:
        if plan.fail is not None:
            self._termination = plan.fail
        if plan.stop:
            sandbox = snapshot.sandbox
            await self._stopper.stop(self.pod, plan.stop, sandbox.ip if sandbox else "")
        for sandbox_id in plan.stop_sandboxes:
            await self._quietly(self._tools.runtime.stop_sandbox(sandbox_id))
        for container_id in plan.remove_containers:
            await self._quietly(self._tools.runtime.remove_container(container_id))
        if plan.confirm:
            await self._confirm()
        if plan.mount:
            await self._mount()
        if plan.sandbox is not None:
            await self._sandbox(plan.sandbox)
        for start in plan.start:
            if not await self._start(start, snapshot):
                return
        await self._give_back(plan)

    async def _confirm(self) -> None:
        """Ask the API before anything of this pod starts here (reliability ID5)."""
        if await self._tools.cluster.still_ours(self.pod, self._tools.settings.node_name):
            self._rejected = self._admit(self.pod)
            self.confirmed = True
            if self._rejected is not None:
                self._events.warning(self._rejected.reason, self._rejected.message)
        else:
            # The watch will soon say what became of it.
            self._waits[""] = Failure("", "", self._tools.now() + CONFIRM_SECONDS)

    async def _mount(self) -> None:
        try:
            await self._tools.volumes.mount(self.pod)
        except VolumeFailure as failure:
            self._events.warning("FailedMount", str(failure))
            until = self._tools.now() + self._volume_backoff.failed("mount")
            self._waits[""] = Failure("FailedMount", str(failure), until)
        else:
            self._waits.pop("", None)

    async def _sandbox(self, attempt: int) -> None:
        try:
            await self._starter.sandbox(self.pod, attempt)
        except RuntimeFailure as failure:
            until = self._tools.now() + self._backoff.failed("sandbox")
            self._waits[""] = Failure(failure.reason, failure.message, until)
        else:
            self._waits.pop("", None)
            self._backoff.succeeded("sandbox")

    async def _start(self, start: Start, snapshot: Snapshot) -> bool:
        """Start one container; return whether to go on with the next."""
        sandbox = snapshot.ready_sandbox
        if sandbox is None or self._stopping():
            return False
        try:
            await self._starter.container(self.pod, start, sandbox)
        except Interrupted:
            return False
        except RuntimeFailure as failure:
            self._waits[start.name] = Failure(failure.reason, failure.message, self._retry_at(start.name, failure))
        else:
            self._waits.pop(start.name, None)
            self._backoff.succeeded(start.name)
        return True

    def _stopping(self) -> bool:
        return self._termination is not None

    def _retry_at(self, name: str, failure: RuntimeFailure) -> float:
        now = self._tools.now()
        spec = self.pod.container(name)
        if failure.reason == "ErrImagePull":
            return now + PULL_LOOK_SECONDS
        if failure.reason == "ImagePullBackOff" and spec is not None:
            clock = self._tools.clock
            return now + max(0.0, self._tools.images.retry_at(self.pod, spec) - clock.monotonic())
        if failure.reason in ("RunContainerError", "PostStartHookError"):
            # The container exists and has ended: its own crash back-off says when the next one starts.
            return now
        return now + self._backoff.failed(name)

    async def _give_back(self, plan: PodPlan) -> None:
        uid = self.pod.uid
        if plan.unmount:
            try:
                await self._tools.volumes.unmount(uid)
            except VolumeFailure as failure:
                raise Unavailable(str(failure)) from failure
        if plan.release:
            self._publish()
            await self._status.flush()
            await self._tools.cluster.finish(self.pod)
            deadline = self._termination.deadline if self._termination else 0.0
            self._termination = Termination("orphaned", deadline)
        if plan.clear:
            for sandbox in self._runtime.sandboxes if self._runtime else ():
                await self._quietly(self._tools.runtime.remove_sandbox(sandbox.id))
            self._tools.images.forget(uid)
            self._tools.files.clear(self.pod)
            self.done = True

    async def _quietly(self, call: Awaitable[None]) -> None:
        try:
            await call
        except RuntimeFailure as failure:
            raise Unavailable(str(failure)) from failure
