"""The one form in which jobs, batches, volumes and so on are told to programs: by the command line, HTTP and clients.

Each document is a frozen pydantic model, made by `of`; its keys are stable. A reader takes no notice of keys that it
does not know, so an older client reads what a newer server says. The parts that `of` tells of are imported for type
checkers alone: a client over HTTP reads documents, and has none of the parts.
"""
