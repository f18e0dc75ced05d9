"""How the array says what it knows: tables of labels, as recorded from real arrays."""
