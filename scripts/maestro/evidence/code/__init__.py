"""What source files say about each other: imports, exports, and where an import leads."""
