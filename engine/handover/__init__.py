"""A customer whom somebody else collects from: the file for them, and the rest."""
