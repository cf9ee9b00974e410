"""Passwords and tokens: sealed, opened for one purpose, out of everybody's sight."""
