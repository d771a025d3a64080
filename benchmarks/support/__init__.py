"""What the benchmarks of the service share: a made-up base, load over HTTP, and what it is compared with."""
