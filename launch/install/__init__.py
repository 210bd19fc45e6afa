"""Makes the virtual environments that the Makefile runs in: `python3 launch/install project`.

It runs on the system's own python3, before any environment exists: standard library only.
"""
