"""The benchmarks: a module each, with `main(arguments)`; `dev/bench NAME` runs it.

They print what was measured in this very run, never a stored result.
"""
