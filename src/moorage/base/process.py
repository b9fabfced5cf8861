"""How a process that serves for weeks sets up Python: its event loop, its garbage collector.

In: nothing. Out: a loop; settings of this process. Commands that end soon use Python's own.
"""

import asyncio
import gc

COLLECTOR_THRESHOLDS = (50_000, 20, 20)
"""New containers before the youngest are looked through, and how many such looks before older ones are: a store of documents
is all containers and makes next to no cycles, and Python's own thresholds would look through all of it all the time."""


def serving_loop() -> asyncio.AbstractEventLoop:
    """Return the loop of a server, and collect garbage as suits one: uvloop where there is one."""
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
