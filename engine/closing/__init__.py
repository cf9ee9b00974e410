"""A company that is given up: archived, or deleted once its journal was exported."""
