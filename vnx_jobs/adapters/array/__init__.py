"""The array port over naviseccli: storops builds the commands and reads the listings, our runner is in between.

`process` runs one child, `verdicts` says what an answer means, `runner` is the one place that every command goes
through, `storops_cli` is the only importer of storops, `vnx` is the port.
"""
