"""A dumb world in memory: documents, the rules every API server keeps, a collector, and one synchronous engine.

In: documents and plans. Out: documents and facts. Nothing waits; time moves only when told to.
"""
