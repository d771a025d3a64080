"""The tests, by distance from the rules: unit, cases, property, store, http, cli, docs."""
