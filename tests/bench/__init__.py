"""Figures beside polars and DuckDB: python -m bench."""
