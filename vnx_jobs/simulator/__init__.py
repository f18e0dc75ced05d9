"""A VNX in a folder: a naviseccli that answers as an array would, with real bytes behind it.

The package imports nothing else of vnx_jobs and nothing of vnx_jobs imports it: clients meet it as they would meet
an array, through the `naviseccli` program. Rooms, in the order a command walks through them: `naviseccli` (the life
of one command), `invocation` and `grammar` (words), `commands` (one module a noun), `rules` (what the array permits
and does), `listings` (how it says so), `store` and `content` (where it is kept).

Nothing on a command's way imports `re`, `typing`, `dataclasses`, `enum`, `json` or `contextlib`: together they cost
more processor time than a whole command may.
"""
