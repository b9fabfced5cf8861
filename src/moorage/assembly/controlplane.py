"""The control plane: store, API, controllers, scheduler, provisioners, in one process.

In: `Settings`. Out: an API that answers, and loops that keep its promises. Start order: keys, store, API, loops; shutdown is the
reverse, so that nobody writes to what is closed.
"""

import socket
from dataclasses import replace

import msgspec

from moorage.api import scheme
from moorage.api.refs import Document, ObjectKey
from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions, load_wire_table
from moorage.apiserver.app import App
from moorage.apiserver.bootstrap import bootstrap
from moorage.apiserver.core import ApiServer
from moorage.apiserver.kinds import STRATEGIES, STRICT_STRATEGIES
from moorage.apiserver.listening import bind
from moorage.apiserver.settings import Ambient, ServerSettings
from moorage.assembly import identities
from moorage.assembly.catalogue import all_controllers
from moorage.assembly.loops import Loops
from moorage.assembly.nameserver import NameServer
from moorage.assembly.paths import Paths
from moorage.assembly.pki import Authority, KeyPair, write_private
from moorage.assembly.settings import Settings
from moorage.base.errors import UserError
from moorage.base.log import logger
from moorage.base.metrics import Registry
from moorage.base.system import SystemChance, SystemClock, SystemIds
from moorage.client import kubeconfig
from moorage.client.api import Api
from moorage.client.kubeconfig import Access
from moorage.client.transports.inprocess import InProcess
from moorage.controllers.statefulset.rules import VERSIONS
from moorage.provisioners.backends.local import PROVISIONER, LocalBackend
from moorage.reconcile.ledger import Ledger
from moorage.scheduler.loop import SchedulerLoop
from moorage.store import compactor
from moorage.store.ports import Store
from moorage.store.sqlite.backend import open_sqlite

_log = logger("assembly")
HOST = "127.0.0.1"


class ControlPlane:
    """One control plane.

    Args:
        settings: what the user chose.
        ambient: time, ids, chance; the machine's own unless given.
    """

    def __init__(self, settings: Settings, ambient: Ambient | None = None) -> None:
        self.settings = settings
        rules = VERSIONS[settings.statefulset_rules]
        self._rules = replace(rules, extensions=rules.extensions and not settings.strict)
        self.paths = Paths(settings.data_dir)
        self._ambient = ambient or Ambient(SystemClock(), SystemIds(), SystemChance())
        self.authority = Authority(self.paths.pki, self._ambient.clock)
        self.metrics = Registry()
        self.ledger = Ledger()
        self._store: Store | None = None
        self._server: ApiServer | None = None
        self._app: App | None = None
        self._loops: Loops | None = None
        self._names: NameServer | None = None
        self.port = settings.port

    @property
    def url(self) -> str:
        """Base URL of the API."""
        return f"https://{HOST}:{self.port}"

    @property
    def server(self) -> ApiServer:
        """The API server, once started."""
        if self._server is None:
            raise UserError("the control plane has not been started")
        return self._server

    async def start(self) -> None:
        """Start until the API answers. Raises: UserError, StoreError."""
        self.paths.make()
        sockets = self._bind()
        write_private(self.paths.settings, msgspec.json.encode(self.settings.to_json()))
        self.authority.ensure_authority()
        pair = self.authority.ensure(identities.server(self.settings))
        admin = self.authority.ensure(identities.ADMIN)
        node_client = self.authority.ensure(identities.NODE_CLIENT)
        self._store = await open_sqlite(self.paths.store)
        self._server = ApiServer(
            self._store,
            Schemas(load_definitions(), load_wire_table()),
            STRATEGIES if self._rules.extensions else STRICT_STRATEGIES,
            self._ambient,
            ServerSettings(
                self.settings.service_cidr,
                self.port,
                advertise=self.settings.advertise,
                signing_key=self.authority.ensure_signing_key().read_bytes(),
                authority=self.authority.certificate.read_text(),
                strict=not self._rules.extensions,
                node_tls=self.authority.client_context(node_client),
                plans=self.ledger.story,
            ),
        )
        await self._server.start()
        await bootstrap(self._server.services)
        self._app = App(self._server)
        await self._app.start(self.authority.server_context(pair), sockets)
        self._write_kubeconfig(admin)

    async def start_loops(self) -> None:
        """Start everything that keeps the API's promises."""
        clock, ids = self._ambient.clock, self._ambient.ids
        api = Api(InProcess(self.server, identities.CONTROLLERS), "moorage-controllers")
        loops = self._loops = Loops(api, clock, self.metrics, self.ledger)
        loops.add_controllers(
            all_controllers(self.authority.certificate.read_text(), clock.now(), self._rules, self.ledger.story)
        )
        loops.add_provisioner(LocalBackend(self.paths.volumes, tuple(self.settings.node_names())))
        scheduler = SchedulerLoop(loops.around, self._ambient.chance)
        if self.settings.runtime != "containerd":
            self._names = NameServer(self.settings.domain, loops.caches, clock, ids, self.settings.cluster_dns)
        if self._store is not None:
            loops.tasks.start("compactor", compactor.run(self._store, clock))
        await ensure(api, default_class())
        await loops.start()
        scheduler.start()
        if self._names is not None:
            await self._names.start(HOST, 0, self.paths.run)

    async def stop(self) -> None:
        """Stop in reverse order."""
        if self._names is not None:
            await self._names.stop()
        if self._loops is not None:
            await self._loops.stop()
        if self._app is not None:
            await self._app.stop()
        if self._server is not None:
            await self._server.stop()
        if self._store is not None:
            await self._store.close()

    def _bind(self) -> list[socket.socket]:
        hosts = dict.fromkeys((HOST, self.settings.advertise))
        try:
            sockets = bind(list(hosts), self.settings.port)
        except OSError:
            raise UserError(f"port {self.settings.port} on {HOST} is in use; choose another with --port") from None
        self.port = sockets[0].getsockname()[1]
        return sockets

    def _write_kubeconfig(self, admin: KeyPair) -> None:
        access = Access(
            self.url,
            "default",
            self.authority.certificate.read_bytes(),
            admin.certificate.read_bytes(),
            admin.key.read_bytes(),
        )
        write_private(self.paths.kubeconfig, msgspec.json.encode(kubeconfig.document("moorage", access)))


def default_class() -> Document:
    """Return the StorageClass that exists from the start."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "local", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": PROVISIONER,
        "volumeBindingMode": "WaitForFirstConsumer",
        "reclaimPolicy": "Delete",
        "allowVolumeExpansion": True,
    }


async def ensure(api: Api, document: Document) -> None:
    """Create a StorageClass unless there is one of that name: a user's changes stay."""
    key = ObjectKey("", document["metadata"]["name"])
    if await api.find(scheme.STORAGECLASSES, key) is None:
        await api.create(scheme.STORAGECLASSES, document)
