"""Sends every backend's data to third-party software and compares what that software received."""
