"""What every backend sends, read back from software that is not ours."""
