"""Catalogue: what can be counted across many panels, and not on any one of them."""
