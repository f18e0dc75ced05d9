"""Plans: from a checked spec to the table it runs, the facts it starts with, and the claims it asks for."""
