"""The doors: what people and agents call. Nothing is decided here; a door reads its arguments, asks the floors below, and returns a `Reply`.

How to add a door, say `paint`:

1. `scripts/paint.py`: copy any other door file, change its docstring and the name in its last line.
2. `cli/paint.py` (or a package of that name): with several verbs

       door = Door("paint", "Paint the shed.", default="show", examples=[("", "what is painted"), ("wall red", "paint a wall")])

       @door.verb("wall", examples=[("red", "paint it red")])
       @click.argument("colour")
       @dry_run
       def wall(call: Call, colour: str, dry_run: bool) -> Reply:
           \"\"\"Paint a wall.\"\"\"
           painted = ...
           return Reply("maestro.paint/1", {"colour": colour}, lambda: f"painted {colour}", warnings=painted.notes)

   or, with no verbs, `door = verb("paint", examples=[...])(function)`. Every verb gets `--json`, `--full` and `-C/--directory` by itself.
   `default` names the verb that is meant when the first argument is none. The object must be called `door`.
3. `cli/doors.py`: one line in `DOORS`, which also makes it `maestro paint`.
4. `views/shapes.py`: a TypedDict for `data`, named in `cli/schemas.py`; then `python -m maestro.cli.schemas` writes `schemas/paint.json`.
5. README.md and SKILL.md name the door; a test insists.

Import heavy things inside the function or inside the `text` callable, which runs only when a person reads. Raise `MaestroError`s; `boundary.py` turns
them into messages, envelopes and exit codes. `call.layout` is the project the call is about; `call.directory` is where it was made.
"""
