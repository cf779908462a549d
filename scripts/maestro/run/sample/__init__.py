"""The demo's sample: a small expense tracker, its plan, and a scripted worker that really writes it."""
