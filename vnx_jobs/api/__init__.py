"""The HTTP service: a door to the same parts that the command line uses. It translates, and says who may.

`app.create_app` makes the application, `serving.serve` runs it; a file of `routes` holds what there is of one noun.
"""
