"""maestro: turns a written plan into merged, tested commits."""

__version__ = "0.1.0"
