"""What the steps of a scenario do: users' writes, and faults with their end.

In: a `World`, arguments. Out: coroutines, by name. A user insists until a write is taken; a fault undoes itself in time.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from moorage.api import meta, scheme
from moorage.api.refs import Document, ObjectKey, Resource
from moorage.base.errors import ApiError, Unavailable
from moorage.client.requests import DeleteOptions, PatchBody
from moorage.sim.machine import Machine
from moorage.sim.pace import BROKEN_IMAGE
from moorage.sim.podreport import image
from moorage.sim.shape import NAMESPACE, SET, Shape, strategy
from moorage.sim.world import World

SET_KEY = ObjectKey(NAMESPACE, SET)
Action = Callable[[World, Shape, Mapping[str, Any]], Awaitable[None]]
_PATIENCE_SECONDS = 600


async def insist(world: World, work: Callable[[], Awaitable[object]], *, until_gone: bool = False) -> None:
    """Do `work` until the API takes it, at most for some minutes; a 404 ends it where `until_gone`."""
    end = world.clock.monotonic() + _PATIENCE_SECONDS
    while world.clock.monotonic() < end:
        try:
            await work()
            return
        except ApiError as problem:
            if until_gone and problem.code == 404:
                return
        except Unavailable:
            pass
        await world.clock.sleep(1.0)


# --- users ---


async def create_set(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Create the set, once the one before is gone."""
    await insist(world, lambda: world.api().create(scheme.STATEFULSETS, shape.document()))


async def delete_set(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Delete the set."""
    options = DeleteOptions(propagation=args["propagation"])
    await insist(world, lambda: world.api().delete(scheme.STATEFULSETS, SET_KEY, options), until_gone=True)


async def scale(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Change the replicas."""
    await _patch_set(world, {"replicas": args["replicas"]})


async def set_image(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Change the template."""
    container = [{"name": "c", "image": args["image"]}]
    await _patch_set(world, {"template": {"spec": {"containers": container}}})


async def set_partition(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Change the partition."""
    await _patch_set(world, {"updateStrategy": strategy(args["partition"], on_delete=shape.on_delete)})


async def set_retention(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Change what happens to claims."""
    policy = {"whenDeleted": args["deleted"], "whenScaled": args["scaled"]}
    await _patch_set(world, {"persistentVolumeClaimRetentionPolicy": policy})


async def delete_pod(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Delete a pod, plainly."""
    key = ObjectKey(NAMESPACE, f"{SET}-{args['ordinal']}")
    await insist(world, lambda: world.api().delete(scheme.PODS, key), until_gone=True)


async def remove_broken(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Delete pods that cannot run, as people must where a set does not heal itself (upstream #67250)."""
    for pod in world.present("pods"):
        if image(pod) == BROKEN_IMAGE:
            key, options = ObjectKey(meta.namespace(pod), meta.name(pod)), DeleteOptions(uid=meta.uid(pod))
            await insist(world, partial(_delete_same, world, key, options), until_gone=True)


async def _delete_same(world: World, key: ObjectKey, options: DeleteOptions) -> None:
    try:
        await world.api().delete(scheme.PODS, key, options)
    except ApiError as problem:
        if problem.code != 409:  # another pod has the name by now
            raise


async def drain(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Cordon a node and evict its pods; give it back some time later."""
    await _cordon(world, args["node"], wanted=True)
    for pod in world.present("pods"):
        if pod["spec"].get("nodeName") == args["node"]:
            key = ObjectKey(meta.namespace(pod), meta.name(pod))
            options = DeleteOptions(uid=meta.uid(pod))
            await insist(world, partial(_evict, world, key, options), until_gone=True)
    await world.clock.sleep(args["seconds"])
    await _cordon(world, args["node"], wanted=False)


async def create_budget(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Protect the set by a disruption budget."""
    spec = {"selector": {"matchLabels": {"app": SET}}, "maxUnavailable": args["unavailable"]}
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": SET, "namespace": NAMESPACE},
        "spec": spec,
    }
    await insist(world, lambda: world.api().create(scheme.PODDISRUPTIONBUDGETS, budget))


async def delete_budget(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Let evictions go on."""
    await insist(world, lambda: world.api().delete(scheme.PODDISRUPTIONBUDGETS, SET_KEY), until_gone=True)


async def lose_node(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Lose a machine for good; a person who knows that it is off deletes its Node."""
    world.lost.add(args["node"])
    await _power_off(world, args["node"])
    await world.clock.sleep(args["known_after"])
    key = ObjectKey("", args["node"])
    await insist(world, lambda: world.api().delete(scheme.NODES, key), until_gone=True)
    world.deleted.add(args["node"])
    await give_up_claims(world)


async def give_up_claims(world: World) -> bool:
    """Give up what is on machines lost for good; return whether there was anything.

    Such a machine's Node can be gone and a scheduler that has not heard of it still make a volume there.
    """
    on_lost = [one for one in world.present("persistentvolumeclaims") if world.volume_node(one) in world.deleted]
    for claim in on_lost:
        name = ObjectKey(meta.namespace(claim), meta.name(claim))
        await insist(world, partial(_remove_claim, world, name), until_gone=True)
    return bool(on_lost)


async def _remove_claim(world: World, key: ObjectKey) -> None:
    """A person gives up data that was on a lost machine: the claim goes with the pod that waits for it."""
    await world.api().delete(scheme.PERSISTENTVOLUMECLAIMS, key)
    pod = ObjectKey(key.namespace, key.name.removeprefix("data-"))
    if await world.api().find(scheme.PODS, pod) is not None:
        await world.api().delete(scheme.PODS, pod)


async def _evict(world: World, key: ObjectKey, options: DeleteOptions) -> None:
    try:
        await world.api().evict(key, options)
    except ApiError as problem:
        if problem.code != 409:
            raise


async def _patch_set(world: World, spec: Document) -> None:
    patch = PatchBody({"spec": spec}, "strategic" if "template" in spec else "merge")
    await insist(world, lambda: world.api().patch(scheme.STATEFULSETS, SET_KEY, patch))


async def _cordon(world: World, node: str, *, wanted: bool) -> None:
    patch = PatchBody({"spec": {"unschedulable": wanted or None}})
    await insist(world, lambda: _patch(world, scheme.NODES, ObjectKey("", node), patch), until_gone=True)


async def _patch(world: World, resource: Resource, key: ObjectKey, patch: PatchBody) -> None:
    await world.api().patch(resource, key, patch)


# --- faults ---


async def bad_network(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Delay, lose and repeat requests for a while."""
    weather = world.weather
    weather.latency, weather.lost_requests, weather.lost_answers = args["latency"], args["requests"], args["answers"]
    weather.repeated, weather.cuts = args["repeated"], args["cuts"]
    await world.clock.sleep(args["seconds"])
    weather.latency, weather.lost_requests, weather.lost_answers, weather.repeated, weather.cuts = 0.02, 0, 0, 0, 0


async def slow_disk(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Make commits slow for a while."""
    world.weather.disk = args["delay"]
    await world.clock.sleep(args["seconds"])
    world.weather.disk = 0.0


async def partition_node(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Cut a node's agent off; its pods go on."""
    await _within(world, world.weather.partitioned, args["node"], args["seconds"])


async def partition_manager(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Cut a manager off."""
    await _within(world, world.weather.partitioned, f"manager-{args['manager']}", args["seconds"])


async def stale_watches(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Let a manager see nothing new, or nothing of one resource, while it can still write."""
    await _within(world, world.weather.frozen, f"manager-{args['manager']}{args['of']}", args["seconds"])


async def stale_node(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Let a node see nothing new, while it can still write."""
    await _within(world, world.weather.frozen, args["node"], args["seconds"])


async def power_cut(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Turn a machine off, and on again."""
    await _power_off(world, args["node"])
    await world.clock.sleep(args["seconds"])
    world.revive(args["node"])


async def restart_kubelet(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Kill a node's agent, and start it again; its pods go on."""
    await world.stop_kubelet(args["node"])
    await world.clock.sleep(args["seconds"])
    world.revive(args["node"])


async def kill_manager(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Kill a manager wherever it is, and start it again."""
    manager = world.managers[args["manager"]]
    await manager.kill()
    await world.clock.sleep(args["seconds"])
    world.weather.dead.discard(manager.name)
    await manager.start()


async def kill_manager_at_write(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Let a manager die of its n-th write from now, before it learns that the write was taken; then start it again."""
    name = f"manager-{args['manager']}"
    world.weather.fuses[name] = args["writes"]
    end = world.clock.monotonic() + 120
    while name not in world.weather.dead and world.clock.monotonic() < end:
        await world.clock.sleep(0.5)
    world.weather.fuses.pop(name, None)
    await kill_manager(world, shape, args)


async def crash_server(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Crash the API server, and start it again over the same store."""
    if world.server is not None:
        await world.stop_server()
        await world.clock.sleep(args["seconds"])
        await world.start_server()


async def step_clock(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Set a machine's wall clock forward or back."""
    world.clocks[args["machine"]].off += args["by"]


async def compact(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Forget history up to the present."""
    await world.store.compact(world.store.revision)


async def crash_container(world: World, shape: Shape, args: Mapping[str, Any]) -> None:
    """Let a pod's container crash; its node starts it anew."""
    for node, kubelet in world.kubelets.items():
        for process in list(_machine(world, node).processes.values()):
            if process.name.endswith(f"-{args['ordinal']}"):
                kubelet.crash(process.uid)


async def _within(world: World, members: set[str], member: str, seconds: float) -> None:
    members.add(member)
    await world.clock.sleep(seconds)
    members.discard(member)


async def _power_off(world: World, node: str) -> None:
    await world.stop_kubelet(node)
    world.fleet.power_off(node)


def _machine(world: World, node: str) -> Machine:
    return world.fleet.machines[node]


ACTIONS: Mapping[str, Action] = {
    one.__name__: one
    for one in (
        create_set, delete_set, scale, set_image, set_partition, set_retention, create_budget, delete_budget,
        delete_pod, remove_broken, drain,
        lose_node,
        bad_network, slow_disk, partition_node, partition_manager, stale_watches, stale_node, power_cut,
        restart_kubelet, kill_manager, kill_manager_at_write, crash_server, step_clock, compact, crash_container,
    )
}  # fmt: skip
"""Every action by its name."""
