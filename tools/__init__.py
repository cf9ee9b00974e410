"""Helpers that are neither a model nor a provider."""
