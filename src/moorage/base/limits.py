"""Every bound of the product, with its unit, in one place.

In: nothing. Out: constants, each followed by what it bounds and where the number comes from.
"""

# --- API ---
MAX_BODY_BYTES = 3 * 1024 * 1024
"""Largest request body, bytes (the API server's own limit upstream)."""
MAX_HEADER_BYTES = 64 * 1024
"""Longest request line or header field, bytes (commands of exec and selectors are in the line)."""
SLOW_CLIENT_SECONDS = 60.0
"""Longest a client may take to send a request's head or body, or to take the next part of a stream, seconds."""
MAX_OBJECT_BYTES = 1536 * 1024
"""Largest stored object, bytes (etcd's default request limit)."""
MAX_JSON_DEPTH = 64
"""Deepest nesting of a document that is decoded."""
MAX_YAML_BYTES = 16 * 1024 * 1024
"""Largest YAML file the command line reads, bytes."""
MAX_YAML_NODES = 1_000_000
"""Most nodes, aliases expanded, in one YAML file."""
DEFAULT_WATCH_SECONDS = 1800
"""Shortest default life of a watch, seconds; the server adds up to as much again."""
BOOKMARK_SECONDS = 60.0
"""A watch that asked for bookmarks gets one at least this often, seconds."""
FUTURE_REVISION_SECONDS = 3.0
"""How long a read waits for a revision the store has not reached, seconds."""
WATCH_BUFFER_EVENTS = 10_000
"""Events a slow watcher may lag behind before it is ended with 410."""
WATCH_HISTORY_CHANGES = 10_000
"""Recent changes of one resource kept in memory for watches and pages."""
WATCH_HISTORY_SECONDS = 90.0
"""Age above which such a change may be forgotten, seconds (upstream keeps at least 75)."""
UPDATE_TRIES = 5
"""Times a patch is tried again on a newer revision before it answers 409 (upstream's)."""
# --- store ---
MIN_KEPT_REVISIONS = 1_000
"""Compaction always leaves this many revisions."""
COMPACTION_SECONDS = 300.0
"""Time between compactions, seconds; history is kept for one to two of them."""
EVENT_TTL_SECONDS = 3600
"""Age at which an Event object is removed, seconds."""
# --- reconcile ---
RETRY_BASE_SECONDS = 0.005
"""First back-off of a failing key, seconds (client-go's default)."""
RETRY_MAX_SECONDS = 1000.0
"""Longest back-off of a failing key, seconds (client-go's default)."""
BURST_WRITES = 500
"""Most writes of one plan in flight at once (upstream's BurstReplicas)."""
DISRUPTION_SECONDS = 120.0
"""How long a granted eviction may take before the pod counts as healthy, and unmarked, again, seconds (upstream's)."""
EVICTION_BRAKE = 0.55
"""Share of unready nodes above which nobody is evicted for it: the fault is probably ours (upstream's zone threshold)."""
BRAKE_LOOK_SECONDS = 5.0
"""How often a held eviction is looked at again, seconds."""
ORPHAN_SECONDS = 40.0
"""How long a pod outlives its Node object, in case that comes back, seconds (upstream's quarantine)."""
MAX_DISRUPTED_PODS = 2000
"""Granted evictions of one budget not yet carried out, above which no more are granted (upstream's)."""
EVICTION_TRIES = 20
"""Times an eviction is tried again after a conflict on its budget or pod (upstream's)."""
LEDGER_PLANS = 32
"""Plans remembered per object."""
LEDGER_OBJECTS = 10_000
"""Objects the ledger remembers; the oldest is forgotten first."""
PROGRESS_DEADLINE_SECONDS = 600.0
"""How long a gate that opens by itself may stay closed before that counts as stalled, seconds (a Deployment's default)."""
STALL_GRACE_SECONDS = 10.0
"""How long one that only a person opens may: what is applied together does not arrive together, seconds."""
STALL_LOOK_SECONDS = 5.0
"""How often the conditions of a set that is not settled are looked at without any change, seconds."""
# --- node agent ---
MAX_PODS_PER_NODE = 110
"""Pods a node accepts (kubelet's default)."""
NODE_LEASE_SECONDS = 10.0
"""Time between heartbeats of a node, seconds."""
NODE_LOST_SECONDS = 40.0
"""Silence after which a node counts as lost, seconds (upstream's node-monitor-grace-period, 1.28)."""
IMAGE_BACKOFF_SECONDS = (10.0, 300.0)
"""First and longest wait after a failed image pull, seconds (kubelet's)."""
CRASH_BACKOFF_SECONDS = (10.0, 300.0)
"""First and longest wait before a crashed container starts again, seconds (kubelet's)."""
PARALLEL_SANDBOX_STARTS = 4
"""Sandboxes started at once: more only makes each slower (measured: total time stays the same)."""
# --- DNS ---
DNS_UDP_BYTES = 1232
"""Largest UDP answer without or below EDNS, bytes (DNS flag day 2020)."""
DNS_TTL_SECONDS = 5
"""TTL of cluster records, seconds (CoreDNS' kubernetes plugin default)."""
