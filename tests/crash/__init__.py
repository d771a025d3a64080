"""The service is killed while it works: what script/crash does, and a small share of it as a test."""
