"""Batches: a manifest's rows, all checked before the first is submitted, submitted in order, reported one by one.

`manifest` reads files, `checking` judges rows, `submitting` hands them to submission.
"""
