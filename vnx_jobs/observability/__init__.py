"""How the house speaks of itself: structured logs."""
