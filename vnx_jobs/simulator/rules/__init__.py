"""What the array permits and does, one module a noun. No words, no layout."""
