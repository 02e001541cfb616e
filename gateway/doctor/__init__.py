"""Tests a configuration step by step and names the cure for what is wrong."""
