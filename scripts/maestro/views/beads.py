"""A tracker's answers in words."""

from __future__ import annotations

from collections.abc import Iterator

from maestro.counting import plural
from maestro.views.beads_shapes import AnswererData, BeadsStatusData, ChangeData, IssueData, IssuesData, ProbeData, SeededData, SyncData
from maestro.views.cells import clip, one_line, wrap

_ANSWERS = {"br": "br", "bd": "bd", "jsonl": "the exported file, read only", "plan": "plan.md alone"}


def probe_text(data: ProbeData, columns: int) -> str:
    """Who answers, with its version and place."""
    program = f" {data['version']} ({data['program']})" if data["program"] else ""
    lines = [f"answers: {_ANSWERS[data['backend']]}{program}", f"folder:  {data['folder']}", f"export:  {data['export'] or 'none'}"]
    if data["issues"] is not None:
        lines.append(f"issues:  {data['issues']}")
    lines.append(f"bv:      {data['viewer'] or 'none'}")
    return _with_trouble(lines, data, columns)


def tasks_text(data: IssuesData, columns: int) -> str:
    """The epic's tasks in waves, those that are over at the end of the count."""
    by_id = {task["issue"]: task for task in data["tasks"]}
    over = sum(task["status"] in ("closed", "tombstone") for task in data["tasks"])
    name = f"{data['epic']}: {one_line(data['title'])}" if data["epic"] else one_line(data["title"])
    lines = [f"{name} ({over} of {plural(len(data['tasks']), 'task')} closed; answered by {_ANSWERS[data['backend']]})"]
    for number, wave in enumerate(data["waves"], 1):
        lines.append(f"wave {number}")
        lines += [clip(f"  {line}", columns) for issue in wave for line in _task_lines(by_id[issue])]
    if data["cycle"]:
        lines += wrap(f"Waiting for each other: {' -> '.join(data['cycle'])}", columns)
    return _with_trouble(lines, data, columns)


def _task_lines(task: IssueData) -> Iterator[str]:
    name = f"{task['issue']} {task['task'] or ''}".strip()
    held = f", {one_line(task['assignee'])}" if task["assignee"] else ""
    yield f"{name}  {one_line(task['title'])} [{'ready' if task['ready'] else task['status'] + held}]"
    for words, names in (("waits for", task["needs"]), ("waits elsewhere for", task["outside"]), ("waits for what does not exist:", task["missing"])):
        if names:
            yield f"    {words} {', '.join(names)}"


def change_text(data: ChangeData, columns: int) -> str:
    """What an issue is now, and that it was so already where nothing changed."""
    after, before = data["after"], data["before"]
    match data["verb"]:
        case "claim":
            says = f"{data['issue']} is claimed by {after['assignee']}"
        case "release":
            says = f"{data['issue']} is open and nobody's" + (f"; {before['assignee']} had it" if before["assignee"] else "")
        case _:
            says = f"{data['issue']} is {after['status']}" + (f": {one_line(after['reason'])}" if after["reason"] else "")
    return _with_trouble([f"{says}{'' if data['changed'] else ' already'}. ({data['backend']})"], data, columns)


def sync_text(data: SyncData, columns: int) -> str:
    """How many issues the export holds now."""
    where = data["export"] or "no export"
    return _with_trouble([f"{where}: {plural(data['issues'], 'issue')}. ({data['backend']})"], data, columns)


def status_text(data: BeadsStatusData, columns: int) -> str:
    """The count, then each difference with the commands that settle it."""
    name = f"{data['track']} = {data['epic'] or 'no epic'}"
    lines = [f"{name}: {data['done']} of {plural(data['total'], 'task')} closed; answered by {_ANSWERS[data['backend']]}"]
    from maestro.run.commands import as_typed

    for difference in data["differences"]:
        lines += wrap(f"! {difference['message']}", columns, indent="  ", first="")
        lines += [f"    {as_typed(command)}" for command in difference["repairs"]]
    if not data["differences"] and data["epic"]:
        lines.append("Plan and tracker agree.")
    lines += [f"closed: {issue}" for issue in data["fixed"]]
    if data["viewer"] is not None:
        lines += wrap(f"bv: {_viewer(data)}", columns)
    return _with_trouble(lines, data, columns)


def _viewer(data: BeadsStatusData) -> str:
    viewer = data["viewer"]
    assert viewer is not None
    if viewer["trouble"]:
        return f"did not answer ({viewer['trouble']})"
    apart = [f"only bv would start {', '.join(viewer['only_bv'])}"] if viewer["only_bv"] else []
    apart += [f"only we would start {', '.join(viewer['only_ours'])}"] if viewer["only_ours"] else []
    return f"{'; '.join(apart)}. Our own computation counts." if apart else "would start the same tasks."


def seeded_text(data: SeededData, columns: int) -> str:
    """What was made, what was there, and what it is called."""
    would = "would be " if data["dry_run"] else ""
    lines = ["The tracker was set up." if not data["dry_run"] else "The tracker would be set up."] if data["initialised"] else []
    made, added = plural(len(data["created"]), "issue"), plural(len(data["edges"]), "edge")
    lines.append(f"{made} {would}created, {len(data['existing'])} there already, {added} {would}added.")
    lines += wrap(f"epic {data['epic']}: " + ", ".join(f"{key} = {issue}" for key, issue in data["issue_map"].items()), columns) if data["epic"] else []
    return _with_trouble(lines, data, columns)


def _with_trouble(lines: list[str], data: AnswererData, columns: int) -> str:
    for note in data["degraded"]:
        lines += wrap(f"degraded: {note['message']}", columns, indent="  ", first="")
    return "\n".join(lines)
