"""The command groups, one file each.

A module here offers `register(app)`, which adds its commands to the given Typer application, or `app`,
a Typer application that becomes the group named like the file (`key.py` -> `touchstone key ...`).
The modules are found by their place in this folder, so that a new command is one new file.
Import what is heavy inside the command: `touchstone --help` must stay quick.
"""
