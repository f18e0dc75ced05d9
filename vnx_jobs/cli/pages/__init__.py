"""The pages of reference, made from the code: `python -m vnx_jobs.cli.pages docs` writes them."""
