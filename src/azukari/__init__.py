"""azukari (預かり): custody of personal data that someone entrusted to someone else."""
