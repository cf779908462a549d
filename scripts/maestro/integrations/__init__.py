"""Other people's tools that a project may use beside maestro: an issue tracker of the beads family, file reservations. All of them are optional."""
