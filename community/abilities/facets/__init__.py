"""Facets: what a list of contributions may be narrowed by, and how many rows each choice would leave."""
