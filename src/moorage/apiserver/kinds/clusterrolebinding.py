"""ClusterRoleBinding: who has a role everywhere.

In: documents. Out: `STRATEGY`. Rules: pkg/registry/rbac/clusterrolebinding.
"""

from moorage.api import scheme
from moorage.apiserver.kinds.rolebinding import COLUMNS, default, row
from moorage.apiserver.strategy import Strategy
from moorage.apiserver.validation import rbac

STRATEGY = Strategy(
    scheme.CLUSTERROLEBINDINGS,
    default=default,
    validate_create=rbac.cluster_binding,
    validate_update=rbac.binding_updated,
    columns=COLUMNS,
    row=row,
    create_on_update=True,
)
