"""A stand-in for br and bd with a memory: what their documents say they do, by version, and what goes wrong with them.

It keeps its issues in `fake.json` beside the tracker's own files, under a lock, and writes down every call in `fake.log`. FAKE_PROFILE is a release of br
(0.1.12, 0.1.13, 0.2, 0.5) or bd; FAKE_FAULTS a list of troubles, each `name`, `name:command` or `name:command:seconds`:

    sleep       answers late                       hang        does not answer at all
    lock-once   the database is locked, once       locked      the database stays locked
    garbage     log lines before the answer        truncated   the answer breaks off
    killed      dies after it wrote, before it answers, once
    crashed     dies before it did anything, once

It is started by `tests/trackers.py`, very often: what it imports is little.
"""

import fcntl
import json
import os
import re
import signal
import sys
import time

RELEASES = {"0.1.12": (0, 1, 12), "0.1.13": (0, 1, 13), "0.2": (0, 2, 0), "0.5": (0, 5, 5), "bd": (1, 0, 5)}
PROFILE = os.environ.get("FAKE_PROFILE", "0.5")
BD = PROFILE == "bd"
RELEASE = RELEASES[PROFILE]
FOLDER = os.environ.get("BEADS_DIR") or ".beads"
MEMORY = os.path.join(FOLDER, "fake.json")
LABEL = re.compile(r"[A-Za-z0-9_:-]{1,50}")
VALUED = {
    "version": (), "init": ("--prefix",), "show": (), "sync": (), "export": ("-o",), "dep": (),
    "create": ("--title", "--type", "--parent", "--labels", "--description"),
    "update": ("--status", "--assignee"), "close": ("--reason",),
}  # fmt: skip
FLAGS = {"update": ("--claim",), "sync": ("--flush-only",), "create": ("--no-inherit-labels",) if BD else (), "close": ("--suggest-next",)}
NOW = "2026-01-18T04:27:21.858085640Z"


class Trouble(Exception):
    def __init__(self, exit_code, code, message, payload=None):
        super().__init__(message)
        self.exit_code, self.code, self.message, self.payload = exit_code, code, message, payload


def main(words):
    began = time.monotonic()
    options, rest = parse(words)
    command = rest[0] if rest else ""
    code, out, err = 1, "", ""
    try:
        fault("hang", command) and time.sleep(600)
        if seconds := fault("sleep", command):
            time.sleep(float(seconds))
        if once("crashed", command):
            os.kill(os.getpid(), signal.SIGKILL)
        if fault("locked", command) or once("lock-once", command):
            raise Trouble(2, "DATABASE_LOCKED", "Database is locked")
        answer = COMMANDS[command](options, rest[1:]) if command in COMMANDS else usage(f"unrecognized subcommand '{command}'")
        if once("killed", command):
            os.kill(os.getpid(), signal.SIGKILL)
        code, out = 0, answer if isinstance(answer, str) else json.dumps(wrapped(answer), indent=None if len(json.dumps(answer)) > 400 else 2)
    except Trouble as trouble:
        code, out, err = spoken(trouble)
    finally:
        write_log(
            {"args": words, "began": began, "ended": time.monotonic(), "code": code, "actor": options.get("--actor"), "cwd": os.getcwd(), "pid": os.getpid()}
        )
    if fault("garbage", command):
        err = "2026-01-18T04:27:21Z DEBUG beads: opened\n[DEBUG] {not json\n" + err
        out = "INFO flushing\n" + out
    if fault("truncated", command):
        out = out[: len(out) // 2]
    sys.stdout.write(out + "\n")
    sys.stderr.write(err)
    return code


def parse(words):
    options, rest, words = {}, [], list(words)
    while words:
        word = words.pop(0)
        if word == "--json":
            continue
        if word in ("--actor", "--lock-timeout"):
            options[word] = words.pop(0)
        elif word.startswith("-"):
            command = rest[0] if rest else ""
            word, given, value = word.partition("=")
            if given:
                words.insert(0, value)
            if word in FLAGS.get(command, ()):
                options[word] = True
            elif word in VALUED.get(command, ()):
                options[word] = words.pop(0)
            else:
                usage(f"unexpected argument '{word}' found")
        else:
            rest.append(word)
    return options, rest


def usage(message):
    """The argument parsers speak plain text, whatever was asked for."""
    sys.stderr.write(f"Error: unknown flag: {message}\n" if BD else f"error: {message}\n\nUsage: br [OPTIONS] <COMMAND>\n")
    sys.exit(1 if BD else 2)


def spoken(trouble):
    payload = json.dumps(trouble.payload) + "\n" if trouble.payload is not None else ""
    if BD:
        if trouble.code == "PER_ID":
            return 1, payload, f"{trouble.message}\n"
        return 1, payload + json.dumps({"error": trouble.message, "schema_version": 1}), ""
    document = json.dumps({"error": {"code": trouble.code, "message": trouble.message, "hint": None, "retryable": trouble.exit_code in (2, 4), "context": {}}})
    if RELEASE < (0, 1, 13):
        return trouble.exit_code, payload, f"DEBUG main: failing\n{document}\n"
    return trouble.exit_code, payload + document, ""


def wrapped(answer):
    return {"schema_version": 1, "data": answer} if BD and os.environ.get("BD_JSON_ENVELOPE") == "1" else answer


# --- memory


class Memory:
    """The state for one command; saved at its end unless it failed."""

    def __enter__(self):
        if not os.path.exists(MEMORY):
            raise Trouble(2, "NOT_INITIALIZED", "Beads not initialized: run 'br init' first")
        self.stream = open(MEMORY, "r+")
        fcntl.flock(self.stream, fcntl.LOCK_EX)
        self.state = json.load(self.stream)
        return self.state

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.stream.seek(0)
            self.stream.truncate()
            json.dump(self.state, self.stream)
            self.stream.flush()
            if not BD:
                flush(self.state)
        self.stream.close()


def flush(state):
    lines = [json.dumps(issue, ensure_ascii=False) for issue in state["issues"].values()]
    write("issues.jsonl.part", "".join(f"{line}\n" for line in lines))
    os.replace(os.path.join(FOLDER, "issues.jsonl.part"), os.path.join(FOLDER, "issues.jsonl"))
    return len(lines)


def write(name, text, mode="w"):
    with open(os.path.join(FOLDER, name), mode) as stream:
        stream.write(text)


def write_log(entry):
    if os.path.isdir(FOLDER):
        write("fake.log", json.dumps(entry) + "\n", "a")


def fault(name, command):
    for entry in filter(None, os.environ.get("FAKE_FAULTS", "").split(",")):
        wanted, _, where = entry.partition(":")
        place, _, seconds = where.partition(":")
        if wanted == name and place in ("", command):
            return seconds or "0.05"
    return None


def once(name, command):
    """True the first time this trouble is met."""
    if not fault(name, command):
        return False
    try:
        os.close(os.open(os.path.join(FOLDER, f"fake.met-{name}"), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def found(state, name):
    if name not in state["issues"]:
        raise Trouble(3, "PER_ID" if BD else "ISSUE_NOT_FOUND", f"Issue not found: {name}")
    return state["issues"][name]


def over(state, name):
    return name in state["issues"] and state["issues"][name]["status"] in ("closed", "tombstone")


def blockers(state, issue):
    return [edge["depends_on_id"] for edge in issue["dependencies"] if edge["type"] == "blocks" and not over(state, edge["depends_on_id"])]


# --- commands


def version(options, rest):
    return {"version": ".".join(map(str, RELEASE)), "build": "release", "commit": "0000000"}


def init(options, rest):
    if os.path.exists(MEMORY):
        raise Trouble(2, "ALREADY_INITIALIZED", "Already initialized")
    os.makedirs(FOLDER, exist_ok=True)
    prefix = options.get("--prefix", "bd" if BD else "br")
    write("fake.json", json.dumps({"prefix": prefix, "next": 0, "issues": {}}))
    if BD:
        os.mkdir(os.path.join(FOLDER, "embeddeddolt"))
        write("metadata.json", '{"backend": "dolt", "database": "dolt"}')
    else:
        write("beads.db", "")
        write("issues.jsonl", "")
        write("metadata.json", '{"database": "beads.db", "jsonl_export": "issues.jsonl"}')
    write(".gitignore", "*\n!issues.jsonl\n")
    return f"Prefix set to: {prefix}\nInitialized beads workspace in .beads/"


def create(options, rest):
    title = options.get("--title", "")
    if not title or len(title) > 500:
        raise Trouble(4, "VALIDATION_FAILED", "Validation failed: title: must be 1 to 500 characters")
    labels = [label for label in options.get("--labels", "").split(",") if label]
    if not BD and any(not LABEL.fullmatch(label) for label in labels):
        raise Trouble(4, "VALIDATION_FAILED", f"Validation failed: label: invalid characters in {labels}")
    with Memory() as state:
        parent = options.get("--parent")
        if parent:
            siblings = [name for name in state["issues"] if name.rpartition(".")[0] == found(state, parent)["id"]]
            name = f"{parent}.{max((int(name.rpartition('.')[2]) for name in siblings), default=0) + 1}"
            if BD and not options.get("--no-inherit-labels"):
                labels += state["issues"][parent].get("labels", [])
        else:
            state["next"] += 1
            name = f"{state['prefix']}-a{state['next']}x"
        edges = [{"issue_id": name, "depends_on_id": parent, "type": "parent-child", "created_at": NOW}] if parent else []
        issue = {
            "id": name, "title": title, "description": options.get("--description", ""), "status": "open", "priority": 2,
            "issue_type": options.get("--type", "task"), "created_at": NOW, "updated_at": NOW, "labels": labels, "dependencies": edges,
        }  # fmt: skip
        if BD:
            issue["_type"] = "issue"
        state["issues"][name] = issue
        return issue


def show(options, rest):
    with Memory() as state:
        issue = dict(found(state, rest[0]))
        issue["dependencies"] = [{"id": edge["depends_on_id"], "title": "", "dependency_type": edge["type"]} for edge in issue["dependencies"]]
        return [issue]


def update(options, rest):
    actor = options.get("--actor", "user")
    with Memory() as state:
        issue = found(state, rest[0])
        if options.get("--claim"):
            holder = issue.get("assignee")
            if holder and holder != actor:
                raise Trouble(4, "PER_ID" if BD else "VALIDATION_FAILED", f"Validation failed: issue already assigned to {holder}")
            if RELEASE >= (0, 1, 13) and blockers(state, issue):
                raise Trouble(4, "PER_ID" if BD else "VALIDATION_FAILED", f"cannot claim blocked issue: {', '.join(blockers(state, issue))}")
            issue["status"], issue["assignee"] = "in_progress", actor
        if "--status" in options:
            issue["status"] = options["--status"]
            if options["--status"] == "open":
                issue.pop("closed_at", None)
                issue.pop("close_reason", None)
        if "--assignee" in options:
            issue["assignee"] = options["--assignee"]
            if not options["--assignee"]:
                del issue["assignee"]
        if BD:
            return [issue]
        echo = {key: issue[key] for key in ("id", "title", "status", "priority", "updated_at")}
        return [{**echo, "assignee": issue.get("assignee")} if RELEASE >= (0, 5, 0) else echo]


def close(options, rest):
    with Memory() as state:
        issue = found(state, rest[0])
        waiting = blockers(state, issue)
        children = [name for name in state["issues"] if name.rpartition(".")[0] == issue["id"] and not over(state, name)]
        if BD and issue["issue_type"] == "epic" and children:
            raise Trouble(1, "PER_ID", f"cannot close epic {issue['id']}: {len(children)} open children")
        if waiting or (issue["status"] == "closed" and not BD):
            if BD:
                raise Trouble(1, "PER_ID", f"cannot close {issue['id']}: blocked by {', '.join(waiting)}")
            why = f"blocked by: {waiting[0]}:open" if waiting else "already closed"
            payload = {"closed": [], "skipped": [{"id": issue["id"], "reason": why}]}
            if RELEASE >= (0, 2, 0):
                raise Trouble(3, "CLOSE_INCOMPLETE", f"Close incomplete: {why}", payload)
            return payload if RELEASE >= (0, 1, 13) else []
        issue |= {"status": "closed", "closed_at": NOW, "close_reason": options.get("--reason", "")}
        if BD:
            return [issue]
        echo = [{key: issue[key] for key in ("id", "title", "status", "closed_at", "close_reason")}]
        return {"closed": echo} if RELEASE >= (0, 1, 13) else echo


def dep(options, rest):
    verb, blocked, blocker = rest
    if verb != "add":
        usage(f"unrecognized subcommand '{verb}'")
    with Memory() as state:
        issue = found(state, blocked)
        found(state, blocker)
        if any(edge["depends_on_id"] == blocker for edge in issue["dependencies"]):
            return {"status": "exists", "issue_id": blocked, "depends_on_id": blocker, "type": "blocks", "action": "already_exists"}
        stack, seen = [blocker], set()
        while stack:
            name = stack.pop()
            if name == blocked:
                raise Trouble(5, "CYCLE_DETECTED", f"Cycle detected: {blocked} -> {blocker} -> {blocked}")
            if name not in seen:
                seen.add(name)
                stack += [edge["depends_on_id"] for edge in state["issues"].get(name, {}).get("dependencies", ())]
        issue["dependencies"].append({"issue_id": blocked, "depends_on_id": blocker, "type": "blocks", "created_at": NOW})
        return {"status": "added" if BD else "ok", "issue_id": blocked, "depends_on_id": blocker, "type": "blocks"}


def sync(options, rest):
    if BD:
        usage("unknown command sync")
    with Memory() as state:
        return {"exported_issues": flush(state), "content_hash": "0", "errors": []}


def export(options, rest):
    if not BD:
        usage("unrecognized subcommand 'export'")
    with Memory() as state, open(options["-o"], "w") as stream:
        stream.write("".join(f"{json.dumps(issue)}\n" for issue in state["issues"].values()) + '{"_type": "memory", "id": "m"}\n')
    return ""


COMMANDS = {
    "version": version, "init": init, "create": create, "show": show, "update": update, "close": close, "dep": dep, "sync": sync, "export": export,
}  # fmt: skip
