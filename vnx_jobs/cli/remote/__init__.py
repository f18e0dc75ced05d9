"""The commands where a service is named: they ask it for documents, and write these as the commands beside it do.

`vnx_jobs.cli.dispatch` says which function does which command. Each takes the service and the command's own options.
"""
