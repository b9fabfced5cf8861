"""ClusterRole: what may be done everywhere, or in the namespaces that bind it.

In: documents. Out: `STRATEGY`. Rules: pkg/registry/rbac/clusterrole.
"""

from moorage.api import scheme
from moorage.apiserver.kinds.role import CREATED_AT, row
from moorage.apiserver.strategy import Strategy
from moorage.apiserver.validation import rbac

STRATEGY = Strategy(
    scheme.CLUSTERROLES,
    validate_create=rbac.cluster_role,
    validate_update=rbac.cluster_role_updated,
    columns=(CREATED_AT,),
    row=row,
    create_on_update=True,
)
