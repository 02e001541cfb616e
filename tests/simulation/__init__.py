"""Runs the operations' own code over a simulated world, thousands of times, each from a seed."""
