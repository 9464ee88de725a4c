"""Background work: the scheduler's rounds, the worker's jobs, and the one command that starts everything."""
