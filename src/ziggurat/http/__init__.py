"""The HTTP doors: the native API and the vendor faces, in one ASGI application.

Doors translate between the wire and the use cases; status codes, wording and wire models live here, decisions don't.
"""
