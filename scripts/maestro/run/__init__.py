"""One execution of a track: journal, state, engine, workers. The journal is the truth; everything that people read follows from it."""
