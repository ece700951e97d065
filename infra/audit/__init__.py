"""The data audit: what is connected, how good it is, and which numbers it can carry. `run.py` is the way in.

It reads raw tables and nothing else, so that it can be asked before anything was built: one file a check, each
a function `Ground -> Section`.
"""
