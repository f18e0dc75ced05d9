"""The embedded stack: state server, worker and simulated array as child processes of one supervisor.

`up` and `down` (in `lifecycle`) are its two doors. Everything it keeps lies in one home folder, see `places`.
"""
