"""Figures: ``make bench`` measures the site and the search engine, prints tables and writes bench/results/."""
