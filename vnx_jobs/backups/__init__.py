"""What is decided about backups: which stay, whose proof is old, what a catalogue is rebuilt from."""
