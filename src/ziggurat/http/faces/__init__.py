"""The vendor faces: each package answers as one vendor's tier API does, over the same programs and members.

A face has its own wire models, error renderer and OpenAPI document, and knows nothing of the other faces.
"""
