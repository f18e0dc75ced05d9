"""The words that the tables of operations are written in, one noun a file."""
