"""What moorage costs, measured: one file a question. `python -m benchmarks` (or `make bench`) runs them all."""
