"""How a process that serves for weeks sets up Python: its event loop, its garbage collector, its threads.

In: nothing. Out: a loop; settings of this process. Commands that end soon use Python's own.
"""

import asyncio
import gc
import sys

COLLECTOR_THRESHOLDS = (50_000, 20, 20)
"""New containers before the youngest are looked through, and how many such looks before older ones are: a store of documents
is all containers and makes next to no cycles, and Python's own thresholds would look through all of it all the time."""

HAND_OVER_SECONDS = 0.0002
"""How long a thread that has something to say waits for the loop's thread: the store's writer answers each write so."""


def serving_loop() -> asyncio.AbstractEventLoop:
    """Return the loop of a server, uvloop where there is one, and set this process up for it."""
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    sys.setswitchinterval(HAND_OVER_SECONDS)
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
