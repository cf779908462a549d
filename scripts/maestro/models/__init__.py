"""The data that every floor shares: frozen dataclasses, no effects, no imports from other rooms."""
