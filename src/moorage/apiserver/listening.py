"""The sockets of the API: bound before anything else starts, so that a taken port is known first and port 0 is chosen once.

In: addresses and a port. Out: bound sockets. An address may appear later: pods reach the API at their bridge's address, which
the node agent makes.
"""

import contextlib
import socket
from collections.abc import Sequence

_IP_FREEBIND = 15
"""ip(7): bind to an address that does not exist yet. Python has no name for it."""


def bind(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """Return one bound socket for each address, all on the same port.

    Args:
        hosts: IPv4 addresses; the first must exist.
        port: 0 picks one that is free at the first address.

    Raises: OSError (the port is in use).
    """
    bound: list[socket.socket] = []
    with contextlib.ExitStack() as undo:
        for host in hosts:
            one = undo.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if bound:
                one.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
            one.bind((host, port))
            port = one.getsockname()[1]
            bound.append(one)
        undo.pop_all()
    return bound
