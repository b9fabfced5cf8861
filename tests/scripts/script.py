"""Text scenarios: commands and what they made happen, one file a story.

In: lines starting with `> `. Out: the same lines, each followed by what was seen. `#` starts a comment.

Commands: `set NAME key=value …` creates or changes a set (`claims=data:1Gi,logs` its claim templates and their
sizes, `claimLabels=key=value` their label, `claimLabels=` none, `mounts=data,logs` what its container mounts) ·
`class NAME [grows]` ·
`resize CLAIM … [MESSAGE]` a resizer has grown the volumes, or fails with a message ·
`pod NAME key=value …` makes an orphan with these labels ·
`label POD|CLAIM key=value …` · `annotate SET key=value …` (without `moorage.dev/`) · `budget NAME MAX_UNAVAILABLE` ·
`run|ready|unready|pending|fail|succeed POD …` a kubelet reports · `stopped POD …` it has stopped ·
`prepared|balked POD …` the pre-removal hook has succeeded or failed ·
`auto [POD=never] …` every pod takes its next step, lowest first, until nothing moves · `delete pod|set|claim|revision NAME …
[orphan|foreground|now]` · `wait SECONDS` ·
`finalizer POD [NAME]` sets its finalizer, or none · `own CLAIM KIND/NAME …` gives it other owners (`KIND/NAME!` one that
controls it) · `refuse create|update|delete pod|claim|…` until `allow` · `show POD|CLAIM` its identity · `why` gates ·
`status` · `pods` · `claims` · `revisions` · `events`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from moorage.api import meta, owners, removal
from moorage.api.refs import Document, ObjectKey, Resource, key_of
from moorage.api.schema import Schemas
from moorage.api.scheme import (
    CONTROLLERREVISIONS,
    PERSISTENTVOLUMECLAIMS,
    PODDISRUPTIONBUDGETS,
    PODS,
    STATEFULSETS,
    STORAGECLASSES,
)
from moorage.api.times import format_time
from moorage.controllers.poddisruptionbudget import controller as poddisruptionbudget
from moorage.controllers.statefulset.controller import build
from moorage.controllers.statefulset.rules import NEWEST, Rules
from tests.scripts.world import defaults
from tests.scripts.world.collector import collect
from tests.scripts.world.engine import Engine
from tests.scripts.world.store import Change, Refused, Store

_NAMESPACE = "default"
_KINDS = {
    "pod": PODS,
    "set": STATEFULSETS,
    "claim": PERSISTENTVOLUMECLAIMS,
    "revision": CONTROLLERREVISIONS,
    "budget": PODDISRUPTIONBUDGETS,
}
_WORDS = {"orphan": {"propagation": "Orphan"}, "foreground": {"propagation": "Foreground"}, "now": {"grace": 0}}
_FIELDS: dict[str, tuple[str, ...]] = {
    "replicas": ("replicas",),
    "policy": ("podManagementPolicy",),
    "strategy": ("updateStrategy", "type"),
    "partition": ("updateStrategy", "rollingUpdate", "partition"),
    "maxUnavailable": ("updateStrategy", "rollingUpdate", "maxUnavailable"),
    "minReady": ("minReadySeconds",),
    "start": ("ordinals", "start"),
    "limit": ("revisionHistoryLimit",),
    "whenDeleted": ("persistentVolumeClaimRetentionPolicy", "whenDeleted"),
    "whenScaled": ("persistentVolumeClaimRetentionPolicy", "whenScaled"),
    "service": ("serviceName",),
}
_PHASES = {
    "ready": "Running", "run": "Running", "unready": "Running", "pending": "Pending",
    "fail": "Failed", "succeed": "Succeeded",
}  # fmt: skip


class Script:
    """Plays one scenario.

    Args:
        schemas: for strategic merge patches.
        rules: which version's rules.
    """

    def __init__(self, schemas: Schemas, rules: Rules = NEWEST) -> None:
        self.store = Store(schemas, defaults.fill)
        self.store.gatekeepers.append(_fixed_volumes)
        self.engine = Engine(self.store, (build(rules), poddisruptionbudget.build()))
        self.store.watchers.append(self._see)
        self.seen: list[str] = []
        self.letters: dict[str, str] = {}
        self.known: dict[str, Document] = {}

    def run(self, text: str) -> str:
        """Return a scenario with its output written anew."""
        lines: list[str] = []
        for line in text.splitlines():
            told = line.startswith(("#", "> "))
            if told and lines and lines[-1] and not lines[-1].startswith("#"):
                lines.append("")
            if told:
                lines.append(line)
            if line.startswith("> "):
                lines += self.command(line[2:].split())
        return "\n".join(lines).rstrip() + "\n"

    def command(self, words: list[str]) -> list[str]:
        """Carry out one command; return what was seen."""
        self.seen = []
        verb, *rest = words
        try:
            self._verbs()[verb](rest)
        except Refused as problem:
            self.seen.append(f"refused: {problem.message}")
        self._settle()
        return [f"  {line}" for line in self.seen]

    # --- commands ---

    def do_set(self, words: list[str]) -> None:
        """Create or change a set."""
        name, *fields = words
        key = ObjectKey(_NAMESPACE, name)
        old = self.store.find(STATEFULSETS, key)
        spec = _merged((old or _new_set(name))["spec"], dict(field.split("=", 1) for field in fields))
        if old is None:
            self.store.create(STATEFULSETS, {**_new_set(name), "spec": spec})
        else:
            self.store.update(STATEFULSETS, {**old, "spec": spec})

    def do_pod(self, words: list[str]) -> None:
        """Make an orphan."""
        labels = dict(field.split("=", 1) for field in words[1:])
        metadata = {"name": words[0], "namespace": _NAMESPACE, "labels": labels}
        self.store.create(PODS, {"metadata": metadata, "spec": {"containers": [{"name": "c", "image": "app:1"}]}})

    def do_label(self, words: list[str]) -> None:
        """Set labels of a pod or claim; `key=` removes one."""
        labels = {key: value or None for key, value in (field.split("=", 1) for field in words[1:])}
        key = ObjectKey(_NAMESPACE, words[0])
        resource = PODS if self.store.find(PODS, key) else PERSISTENTVOLUMECLAIMS
        self.store.patch(resource, key, {"metadata": {"labels": labels}})

    def do_annotate(self, words: list[str]) -> None:
        """Set annotations of a set under `moorage.dev/`; `key=` removes one; `@A` is the revision shown as A."""
        fields = (field.split("=", 1) for field in words[1:])
        named = {letter.rpartition("-")[2]: revision for revision, letter in self.letters.items()}
        given = {f"moorage.dev/{key}": named.get(value.removeprefix("@"), value) or None for key, value in fields}
        self.store.patch(STATEFULSETS, ObjectKey(_NAMESPACE, words[0]), {"metadata": {"annotations": given}})

    def do_budget(self, words: list[str]) -> None:
        """Create a PodDisruptionBudget over the set of its name that lets so many pods be unavailable."""
        spec = {"selector": {"matchLabels": {"app": words[0]}}, "maxUnavailable": int(words[1])}
        metadata = {"name": words[0], "namespace": _NAMESPACE}
        self.store.create(PODDISRUPTIONBUDGETS, {"metadata": metadata, "spec": spec})

    def do_class(self, words: list[str]) -> None:
        """Create or change a StorageClass."""
        key, grows = ObjectKey("", words[0]), "grows" in words
        if self.store.find(STORAGECLASSES, key) is None:
            self.store.create(STORAGECLASSES, {"metadata": {"name": key.name}, "allowVolumeExpansion": grows})
        else:
            self.store.patch(STORAGECLASSES, key, {"allowVolumeExpansion": grows})

    def do_resize(self, words: list[str]) -> None:
        """Let claims have what they request; words that name no claim are why they do not get it."""
        claims = {meta.name(one): one for one in self.store.all(PERSISTENTVOLUMECLAIMS)}
        message = " ".join(word for word in words if word not in claims)
        for name in (word for word in words if word in claims):
            status = {"capacity": dict(claims[name]["spec"]["resources"]["requests"]), "conditions": None}
            if message:
                failed = {"type": "ControllerResizeError", "status": "True", "message": message}
                status = {"conditions": [{"type": "Resizing", "status": "True"}, failed]}
            self.store.patch(
                PERSISTENTVOLUMECLAIMS, ObjectKey(_NAMESPACE, name), {"status": status}, subresource="status"
            )

    def do_finalizer(self, words: list[str]) -> None:
        """Set the only finalizer of a pod, or none."""
        self.store.patch(PODS, ObjectKey(_NAMESPACE, words[0]), {"metadata": {"finalizers": words[1:]}})

    def do_own(self, words: list[str]) -> None:
        """Give a claim the owners named, whoever owned it before."""
        references = []
        for word in words[1:]:
            kind, _, name = word.removesuffix("!").partition("/")
            version = STATEFULSETS.api_version if kind == STATEFULSETS.kind else "v1"
            pod = self.store.find(PODS, ObjectKey(_NAMESPACE, name))
            one = {"apiVersion": version, "kind": kind, "name": name, "uid": meta.uid(pod) if pod else f"other-{name}"}
            references.append({**one, "controller": True} if word.endswith("!") else one)
        body = {"metadata": {"ownerReferences": references}}
        self.store.patch(PERSISTENTVOLUMECLAIMS, ObjectKey(_NAMESPACE, words[0]), body)

    def do_refuse(self, words: list[str]) -> None:
        """Refuse a verb on a kind from now on."""
        self.store.refused.add((words[0], _KINDS[words[1]]))

    def do_allow(self, _words: list[str]) -> None:
        """Refuse nothing any more."""
        self.store.refused.clear()

    def do_show(self, words: list[str]) -> None:
        """Tell the identity of a pod or claim: labels, owners, host name, volumes."""
        key = ObjectKey(_NAMESPACE, words[0])
        found = self.store.find(PODS, key) or self.store.get(PERSISTENTVOLUMECLAIMS, key)
        for label, value in sorted(meta.labels(found).items()):
            self.seen.append(self._short(f"{label}={value}"))
        for one in owners.owner_references(found):
            self.seen.append(f"owner {one['kind']}/{one['name']} controller={bool(one.get('controller'))}")
        spec = found["spec"]
        self.seen += [f"{name} {spec[name]}" for name in ("hostname", "subdomain") if name in spec]
        for volume in spec.get("volumes") or ():
            claim = (volume.get("persistentVolumeClaim") or {}).get("claimName", "no claim")
            self.seen.append(f"volume {volume['name']}: {claim}")

    def do_delete(self, words: list[str]) -> None:
        """Delete objects."""
        options: dict[str, Any] = {}
        for word in words:
            options |= _WORDS.get(word, {})
        for name in words[1:]:
            if name not in _WORDS:
                self.store.delete(_KINDS[words[0]], ObjectKey(_NAMESPACE, name), **options)

    def do_stopped(self, words: list[str]) -> None:
        """A kubelet has stopped pods that were being deleted."""
        for name in words:
            self.store.delete(PODS, ObjectKey(_NAMESPACE, name), grace=0)
            self._settle()

    def do_wait(self, words: list[str]) -> None:
        """Let time pass."""
        end = self.store.now.timestamp() + float(words[0])
        while (timer := self.engine.next_timer()) is not None and timer.timestamp() <= end:
            self.store.now = max(timer, self.store.now)
            self._settle()
        self.store.now = self.store.now.fromtimestamp(end, self.store.now.tzinfo)

    def do_auto(self, words: list[str]) -> None:
        """Let every pod take its next step."""
        never = {word.partition("=")[0] for word in words}
        self._settle()
        while (due := self._due(never)) is not None:
            name, verb = due
            if verb == "stopped":
                self.do_stopped([name])
            else:
                self._act(verb, [name])
                self._settle()

    def _act(self, verb: str, names: list[str]) -> None:
        """A kubelet reports."""
        for name in names:
            pod = self.store.get(PODS, ObjectKey(_NAMESPACE, name))
            if not pod["spec"].get("nodeName"):
                pod = self.store.update(PODS, {**pod, "spec": {**pod["spec"], "nodeName": "node-1"}})
            condition = {"type": "Ready", "status": "True" if verb == "ready" else "False"}
            condition["lastTransitionTime"] = format_time(self.store.now)
            status = {"phase": _PHASES[verb], "conditions": [condition]}
            self.store.update(PODS, {**pod, "status": status}, "status")
            self._settle()

    def _answer(self, verb: str, names: list[str]) -> None:
        """A node's agent tells what came of the pre-removal hook."""
        for name in names:
            pod = self.store.get(PODS, ObjectKey(_NAMESPACE, name))
            request = removal.request_of(pod)
            assert request is not None
            told = removal.answer(request, verb, prepared=verb == "prepared")
            others = [one for one in pod["status"]["conditions"] if one["type"] != removal.CONDITION]
            self.store.update(PODS, {**pod, "status": {**pod["status"], "conditions": [*others, told]}}, "status")
            self._settle()

    def _due(self, never: set[str]) -> tuple[str, str] | None:
        """Return (pod, step) of the next pod that moves: stopping before starting, lowest ordinal first."""
        for pod in sorted(self.store.all(PODS), key=_order):
            if meta.name(pod) in never:
                continue
            if meta.is_deleting(pod):
                return meta.name(pod), "stopped"
            if pod["status"]["phase"] == "Pending":
                return meta.name(pod), "ready"
        return None

    # --- reports ---

    def _verbs(self) -> dict[str, Callable[[list[str]], None]]:
        verbs: dict[str, Callable[[list[str]], None]] = {
            "set": self.do_set,
            "pod": self.do_pod,
            "label": self.do_label,
            "annotate": self.do_annotate,
            "budget": self.do_budget,
            "class": self.do_class,
            "resize": self.do_resize,
            "finalizer": self.do_finalizer,
            "own": self.do_own,
            "refuse": self.do_refuse,
            "allow": self.do_allow,
            "show": self.do_show,
            "delete": self.do_delete,
            "stopped": self.do_stopped,
            "wait": self.do_wait,
            "auto": self.do_auto,
            "why": self._why,
            "status": self._status,
            "events": self._events,
        }
        for name, resource in (("pods", PODS), ("claims", PERSISTENTVOLUMECLAIMS), ("revisions", CONTROLLERREVISIONS)):
            verbs[name] = partial(self._list, resource)
        verbs |= {verb: partial(self._answer, verb) for verb in ("prepared", "balked")}
        for act in _PHASES:
            verbs[act] = partial(self._act, act)
        return verbs

    def _why(self, _words: list[str]) -> None:
        for (_, key), plan in self.engine.plans.items():
            if self.store.find(STATEFULSETS, key) is not None:
                for gate in plan.gates:
                    culprit = f"{gate.culprit.kind} {gate.culprit.key.name}"
                    text = f"{gate.name}: {gate.holds} waits for {culprit} ({gate.evidence}); opens: {gate.opens}"
                    self.seen.append(self._short(text))

    def _status(self, words: list[str]) -> None:
        status = self.store.get(STATEFULSETS, ObjectKey(_NAMESPACE, words[0]))["status"]
        told = (f"{key}={value}" for key, value in status.items() if key != "conditions")
        self.seen.append(self._short(" ".join(told)))
        for one in status.get("conditions") or ():
            self.seen.append(f"{one['type']}={one['status']} {one['reason']}: {one['message']}")

    def _events(self, _words: list[str]) -> None:
        for (kind, reason, _, message), count in self.engine.events.items():
            self.seen.append(self._short(f"{count} {kind} {reason}: {message}"))

    def _list(self, resource: Resource, _words: list[str]) -> None:
        for document in sorted(self.store.all(resource), key=_order):
            self.seen.append(self._short(f"{meta.name(document)} {_state(document)}".rstrip()))

    # --- seeing ---

    def _see(self, resource: Resource, change: Change, document: Document) -> None:
        name = self._named(resource, document)
        old = self.known.get(meta.uid(document))
        if change == "DELETED":
            self.known.pop(meta.uid(document), None)
            self.seen.append(f"gone {resource.kind} {name}")
            return
        self.known[meta.uid(document)] = document
        if old is None:
            self.seen.append(f"created {resource.kind} {name}")
        elif meta.is_deleting(document) and not meta.is_deleting(old):
            self.seen.append(f"deleting {resource.kind} {name}")
        elif resource in (PODS, PERSISTENTVOLUMECLAIMS, CONTROLLERREVISIONS):
            before, after = owners.owner_references(old), owners.owner_references(document)
            if before != after:
                self.seen.append(f"owned {resource.kind} {name} {_owned_by(document)}".rstrip())
            if meta.labels(old) != meta.labels(document) and resource == PERSISTENTVOLUMECLAIMS:
                labels = " ".join(f"{key}={value}" for key, value in sorted(meta.labels(document).items()))
                self.seen.append(f"labelled {resource.kind} {name} {labels}")
            if _request(old) != _request(document):
                self.seen.append(f"resized {resource.kind} {name} to {_request(document)}")

    def _named(self, resource: Resource, document: Document) -> str:
        if resource == CONTROLLERREVISIONS:
            return self._letter(meta.name(document))
        revision = meta.labels(document).get("controller-revision-hash", "") if resource == PODS else ""
        return f"{meta.name(document)} {self._letter(revision)}" if revision else meta.name(document)

    def _letter(self, revision: str) -> str:
        return self.letters.setdefault(revision, f"{revision.rpartition('-')[0]}-{chr(65 + len(self.letters))}")

    def _short(self, text: str) -> str:
        for revision, letter in self.letters.items():
            text = text.replace(revision, letter)
        return text

    def _settle(self) -> None:
        while self.engine.step() or collect(self.store):
            pass


def _new_set(name: str) -> Document:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "app:1"}]}}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"metadata": {"name": name, "namespace": _NAMESPACE}, "spec": spec}


def _merged(spec: Document, fields: dict[str, str]) -> Document:
    """Return a spec with fields set by their short names."""
    made = dict(spec)
    for key, value in fields.items():
        container = made["template"]["spec"]["containers"][0]
        if key == "image":
            made["template"] = {**made["template"], "spec": {"containers": [{**container, "image": value}]}}
        elif key == "mounts":
            mounted = {**container, "volumeMounts": [{"name": one} for one in value.split(",")]}
            made["template"] = {**made["template"], "spec": {"containers": [mounted]}}
        elif key == "claims":
            made["volumeClaimTemplates"] = [_claim_template(*one.split(":")) for one in value.split(",")]
        elif key == "claimLabels":
            label = dict([value.split("=", 1)]) if value else {}
            made["volumeClaimTemplates"] = [
                {**one, "metadata": {**one["metadata"], "labels": label}} for one in made["volumeClaimTemplates"]
            ]
        else:
            made = put(made, _FIELDS[key], int(value) if value.isdecimal() else value)
    return made


def _claim_template(name: str, size: str = "") -> Document:
    spec: Document = {"storageClassName": "fast"}
    return {
        "metadata": {"name": name},
        "spec": {**spec, **({"resources": {"requests": {"storage": size}}} if size else {})},
    }


def put(document: Document, path: tuple[str, ...], value: Any) -> Document:
    """Return a document with one member set, at any depth."""
    head, *rest = path
    inner = put(document.get(head) or {}, tuple(rest), value) if rest else value
    return {**document, head: inner}


def _order(document: Document) -> tuple[str, int]:
    stem, _, ordinal = meta.name(document).rpartition("-")
    return (stem, int(ordinal)) if ordinal.isdecimal() else (meta.name(document), 0)


def _owned_by(document: Document) -> str:
    names = [f"{one['kind']}/{one['name']}" for one in owners.owner_references(document)]
    return f"by {', '.join(names)}" if names else "by nobody"


def _request(document: Document) -> str:
    """Return the storage a claim requests, "" if it names none."""
    resources = document.get("spec", {}).get("resources") or {}
    return str((resources.get("requests") or {}).get("storage", ""))


def _fixed_volumes(store: Store, resource: Resource, document: Document) -> None:
    """Refuse to change the volumes of a pod, as every server does."""
    old = store.find(resource, key_of(document))
    if resource == PODS and old is not None and document["spec"].get("volumes") != old["spec"].get("volumes"):
        raise Refused(422, "Invalid", f'Pod "{meta.name(document)}" is invalid: spec: Forbidden')


def _state(document: Document) -> str:
    """Return phase, Ready, Deleting and what else tells one object from another."""
    status = document.get("status") or {}
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in status.get("conditions") or ())
    words = [meta.labels(document).get("controller-revision-hash", ""), "Ready" if ready else status.get("phase", "")]
    words += ["Deleting" if meta.is_deleting(document) else "", str(document.get("revision", ""))]
    if _request(document):
        words.append(f"{(status.get('capacity') or {}).get('storage', '0')} of {_request(document)}")
    if document["kind"] != STATEFULSETS.kind:
        words.append(_owned_by(document) if _owned_by(document) != "by StatefulSet/web" else "")
    return " ".join(word for word in words if word)
