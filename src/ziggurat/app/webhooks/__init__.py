"""Webhook endpoints, and messages on their way to them."""
