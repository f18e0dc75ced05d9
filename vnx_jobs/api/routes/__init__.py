"""The routes, a noun a file. Each asks who may, calls a part of the house, and tells what came of it."""
