"""Programs that move the bytes of volumes, each in a process of its own."""
