"""A place on a line of Markdown, counted in characters and in columns: CommonMark nests by columns, and a tab reaches to the next one that four divides."""

from __future__ import annotations


class Place:
    """Where the scan is on its line: at `position`, which is `column`. The next character that is no blank is `first`, behind `indent` columns of blanks.

    `end` is where the line's text ends.
    """

    __slots__ = ("column", "end", "first", "indent", "plain", "position")

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.position = self.column = self.first = self.indent = self.end = 0

    def begin(self, start: int, first: int, end: int) -> None:
        """Go to the beginning of a line, which goes on at `first` behind its spaces."""
        self.position, self.column, self.first, self.indent, self.end = start, 0, first, first - start, end
        if first < end and self.plain[first] == "\t":
            self.skip_blanks()

    @property
    def at_end(self) -> bool:
        """Nothing but blanks is left."""
        return self.first >= self.end

    @property
    def rest(self) -> str:
        """What is left of the line, from `first`."""
        return self.plain[self.first : self.end]

    def skip_blanks(self) -> None:
        """Find the next character that is no blank."""
        plain, first, column, end = self.plain, self.position, self.column, self.end
        while first < end:
            char = plain[first]
            if char == " ":
                column += 1
            elif char == "\t":
                column += 4 - column % 4
            else:
                break
            first += 1
        self.first, self.indent = first, column - self.column

    def enter(self, width: int) -> None:
        """Step over `width` columns of the blanks before `first`. Inside a tab the position stays on it and only the column moves."""
        goal = self.column + width
        if self.first - self.position == self.indent:  # no blank is wider than its column
            self.position += width
            self.column = goal
        while self.column < goal:
            stop = self.column + 4 - self.column % 4 if self.plain[self.position] == "\t" else self.column + 1
            if stop > goal:
                self.column = goal
                break
            self.column = stop
            self.position += 1
        self.indent -= width

    def step(self, width: int) -> None:
        """Step over the blanks before `first` and the `width` characters there."""
        self.position, self.column = self.first + width, self.column + self.indent + width
        self.skip_blanks()

    def jump(self, first: int) -> None:
        """Step to `first`, a character that is no blank, over others that are no tabs."""
        self.column += self.indent + first - self.first
        self.position = self.first = first
        self.indent = 0

    def enter_quote(self) -> None:
        """Step over a quote mark and the one blank that belongs to it."""
        self.step(1)
        if self.indent:
            self.enter(1)

    def is_rule(self) -> bool:
        """Three or more of one mark and nothing else: a thematic break."""
        mark = self.plain[self.first]
        if mark not in "*-_" or self.plain.count(mark, self.first, self.end) < 3:
            return False
        return not self.rest.strip(mark + " \t")
