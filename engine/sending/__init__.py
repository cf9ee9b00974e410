"""Send what is due: each email at most once, whatever happens meanwhile."""
