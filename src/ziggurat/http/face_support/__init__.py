"""What vendor faces have in common: ids, instants, counted revisions, and how a request gets to a use case.

A face brings its wire models, its error renderer, its translation and a table of `FaceRoute`s; nothing here knows any
vendor.
"""
