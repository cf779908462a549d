"""Doors and their verbs, as click commands that return a `Reply`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from importlib import import_module
from typing import Any

import click

from maestro.cli.options import common
from maestro.errors import NotFound

Examples = Sequence[tuple[str, str]]
"""What stands behind the command's name, and what that does."""

EXIT_CODES = """0 ok, 1 failed or problems found, 2 usage, 3 invalid document, 4 not found,
5 conflict, 6 locked, 7 unsafe tree, 8 a decision is needed, 130 interrupted"""

_WORD = "maestro.first-argument"

_SETTINGS = {"help_option_names": ["-h", "--help"]}


class Verb(click.Command):
    """One command, with examples and exit codes at the end of its help."""

    def __init__(self, *args: Any, examples: Examples = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = examples
        for parameter in self.params:
            _keep_narrow(parameter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(ctx, formatter, self.examples)


class VerbsElsewhere(MutableMapping[str, click.Command]):
    """The verbs of a door, in the order of its help, whose modules are imported when somebody looks at one: `modules` says which has which."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._made: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._made:
            import_module(self._modules[name])
        return self._made[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


class Door(click.Group):
    """A command with verbs.

    Options may stand before or after the verb. `default` names the verb that is meant when the first argument is none; verbs win over
    arguments that look like them. Verbs that stand in modules of their own, each named in `modules`, are imported when they are called.
    """

    def __init__(self, name: str, help: str, *, default: str | None = None, examples: Examples = (), modules: Mapping[str, str] | None = None) -> None:
        super().__init__(name, help=help, context_settings=_SETTINGS, subcommand_metavar="VERB ...")
        if modules is not None:
            self.commands = VerbsElsewhere(modules)
        self.default = default
        self.examples = examples

    def verb(self, name: str, *, examples: Examples = (), hidden: bool = False) -> Callable[[Callable[..., Any]], Verb]:
        """Make a function a verb of this door. It receives the `Call` first, then its own parameters, and returns a `Reply`."""

        def register(function: Callable[..., Any]) -> Verb:
            command = verb(name, examples=examples, hidden=hidden)(function)
            self.add_command(command)
            return command

        return register

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and self.default is None:
            args = ["--help"]
        if set(args[:1]) & {"-h", "--help"}:
            return super().parse_args(ctx, args)
        position = self._first_argument(args)
        word = args[position] if position is not None else None
        ctx.meta[_WORD] = word
        if position is not None and word in self.commands:
            args = [args[position], *args[:position], *args[position + 1 :]]
        elif self.default is not None and (word is None or self._default_takes_arguments()):
            args = [self.default, *args]
        elif position is not None:
            args = args[position:]
        else:
            raise click.UsageError(f"A verb is missing. There are: {', '.join(self.list_commands(ctx))}.", ctx)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            import difflib

            near = difflib.get_close_matches(args[0], self.commands, n=1, cutoff=0.5)
            says = f"Did you mean `{near[0]}`?" if near else f"There are: {', '.join(self.list_commands(ctx))}."
            raise click.UsageError(f"No such verb: {args[0]}. {says}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NotFound as error:
            if error.slug == "track-not-found":
                self._suggest_verb(ctx, error)
            raise

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.default is not None:
            formatter.write_usage(ctx.command_path, " ".join(self.commands[self.default].collect_usage_pieces(ctx)))
        formatter.write_usage(ctx.command_path, "VERB ...", "       " if self.default is not None else None)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        shown: click.Command = self if self.default is None else self.commands[self.default]
        click.Command.format_options(shown, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, command.get_short_help_str(70)) for name, command in self.commands.items() if not command.hidden]
        with formatter.section("Verbs"):
            formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(ctx, formatter, self.examples)

    def _first_argument(self, args: Sequence[str]) -> int | None:
        """The position of the first word that is neither an option nor the value of one; None before `--`."""
        if args and args[0] in self.commands:
            return 0
        valued = {name for command in self.commands.values() for option in command.params if _takes_value(option) for name in option.opts}
        skip = False
        for position, word in enumerate(args):
            if skip:
                skip = False
            elif word == "--":
                return None
            elif word.startswith("-") and word != "-":
                skip = word in valued
            else:
                return position
        return None

    def _default_takes_arguments(self) -> bool:
        return self.default is not None and any(isinstance(parameter, click.Argument) for parameter in self.commands[self.default].params)

    def _suggest_verb(self, ctx: click.Context, error: NotFound) -> None:
        import difflib

        word = ctx.meta.get(_WORD) or ""
        near = difflib.get_close_matches(word, self.commands, n=1, cutoff=0.6) if word not in self.commands else []
        if near:
            error.hint = f"Did you mean `{ctx.command_path} {near[0]}`?" + (f" {error.hint}" if error.hint else "")


def verb(name: str, *, examples: Examples = (), hidden: bool = False) -> Callable[[Callable[..., Any]], Verb]:
    """Make a function a command: `call` first, then its own parameters; returns a `Reply`. The docstring is its help."""

    def build(function: Callable[..., Any]) -> Verb:
        make = click.command(name, cls=Verb, examples=examples, hidden=hidden, context_settings=_SETTINGS)
        return make(common(function))

    return build


def _takes_value(option: click.Parameter) -> bool:
    return isinstance(option, click.Option) and not option.is_flag and not option.count


def _keep_narrow(parameter: click.Parameter) -> None:
    """Long lists of choices stand in an option's help, where they can be wrapped, and not in its name."""
    if isinstance(parameter, click.Option) and parameter.metavar is None and isinstance(parameter.type, click.Choice):
        choices = [str(choice) for choice in parameter.type.choices]
        if len("|".join(choices)) > 30:
            parameter.metavar = str(parameter.name).upper()
            parameter.help = f"{parameter.help or ''} One of {', '.join(choices)}.".strip()


def _write_examples(ctx: click.Context, formatter: click.HelpFormatter, examples: Examples) -> None:
    rows = [(f"{ctx.command_path} {words}".rstrip(), says) for words, says in examples]
    if rows:
        room = max((len(call) for call, _ in rows if all(len(call) + len(says) <= 76 for other, says in rows if len(other) <= len(call))), default=0)
        with formatter.section("Examples"):
            for call, says in rows:
                between = " " * (room - len(call)) + "  " if len(call) <= room else "\n      "
                formatter.write(f"  {call}{between}{says}\n")
    with formatter.section("Exit codes"):
        for line in EXIT_CODES.splitlines():
            formatter.write_text(line)
