"""The fault harness: a real stack under load and under misfortune, judged afterwards by what the array witnessed.

The way of a run: `load` and `schedule` are drawn from the seed; `stage` is what they play on; `inflict` and `producing`
carry them out; `gathering` reads what became of it all into `evidence`; `checks` judge the evidence, a promise each.
"""
