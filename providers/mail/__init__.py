"""To read an email that a stranger wrote: its fields, words, parts and reports."""
