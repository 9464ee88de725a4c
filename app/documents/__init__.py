"""Data to documents. Pure: no database, no request. Engines are loaded on first use."""
