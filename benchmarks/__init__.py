"""Benchmarks: each prints ratios against a named alternative of the same run. `make bench-NAME` runs one."""
