"""Schedules: templates become jobs when they are due, by submission's one road.

`templates` fills them in, `checking` judges them at the door, `scheduler` fires them, `policies` reads files of them.
"""
