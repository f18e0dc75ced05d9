"""The promises, each a pure function from the evidence to the list of its breaches. Nothing here asks the engine.

`promises` is the table of them.
"""
