"""The documents that leave the reading doors with `--json`: their `data`, field by field. `schemas/` is generated from these types."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

StatusName = Literal["new", "progress", "done", "skipped", "blocked"]
AccessName = Literal["create", "modify", "delete", "rename", "read"]
KindName = Literal["beads", "explicit", "discovered", "files", "symbols", "imports", "prose", "unknown"]
ModeName = Literal["single", "parallel", "team"]


class ScopeData(TypedDict):
    """A path that a task is expected to touch, and the line of the plan that says so."""

    path: str
    access: AccessName
    line: int | None


class WaveTaskData(TypedDict):
    """A task as the waves name it."""

    title: str
    status: StatusName
    phase: str
    line: int
    scope: list[ScopeData]


class SignalData(TypedDict):
    """One of several reasons that were weighed; `weight` is its share in log odds."""

    name: str
    words: str
    weight: float


class EvidenceData(TypedDict):
    """The words and line from which a dependency was concluded, and why."""

    text: str
    line: int | None
    why: str
    signals: NotRequired[list[SignalData]]


class DependencyData(TypedDict):
    """`task` needs `needs`. `weight` is the probability of a weighed edge, 0 to 1."""

    task: str
    needs: str
    kind: KindName
    strength: Literal["hard", "soft"]
    weight: NotRequired[float]
    evidence: EvidenceData


class WaveData(TypedDict):
    """Tasks whose prerequisites all lie in earlier waves, in the order in which they start. Numbered from 1 in each phase."""

    number: int
    tasks: list[str]


class PhaseData(TypedDict):
    """The waves of one phase."""

    id: str
    title: str
    waves: list[WaveData]


class PredictedData(TypedDict):
    """Lengths in tasks of equal length, of what remains; `saved` is a share of `sequential`, 0 to 1."""

    sequential: float
    parallel: float
    saved: float
    bound_by: str


class AnswerData(TypedDict):
    """One question of the mode selection checklist; whether each mode fits the answer, null where it does not matter."""

    question: str
    answer: str
    single: bool | None
    parallel: bool | None
    team: bool | None


class RuleData(TypedDict):
    """One decision rule and whether it holds; the first that holds decides."""

    condition: str
    holds: bool
    mode: ModeName
    reason: str


class AdviceData(TypedDict):
    """The mode that fits, the rules that decided, and what to consider when another was asked for."""

    mode: ModeName
    reasons: list[str]
    warnings: list[str]
    checklist: list[AnswerData]
    rules: list[RuleData]


class SharedData(TypedDict):
    """A file that everybody touches: of two such tasks the second starts after the first is merged."""

    path: str
    tasks: list[str]
    why: str


class WavesData(TypedDict):
    """The composition of a plan (`maestro.waves/1`)."""

    track: str | None
    plan: str
    dialect: str
    phases: list[PhaseData]
    tasks: dict[str, WaveTaskData]
    dependencies: list[DependencyData]
    shared: list[SharedData]
    critical_path: list[str]
    predicted: PredictedData
    advice: AdviceData


class WhyData(TypedDict):
    """Where one task stands and why (`maestro.why/1`)."""

    track: str | None
    plan: str
    task: str
    title: str
    phase: str
    wave: int
    scope: list[ScopeData]
    needs: list[DependencyData]
    needed_by: list[DependencyData]
    longest_chain: list[str]


class GraphData(TypedDict):
    """A drawing of the dependencies (`maestro.graph/1`)."""

    track: str | None
    plan: str
    format: Literal["text", "mermaid", "dot", "svg"]
    graph: str


class RegroupingData(TypedDict):
    """A change of the waves of one phase: before, after, and each reason in a sentence."""

    phase: str
    at: str
    before: list[list[str]]
    after: list[list[str]]
    reasons: list[str]


class LogEntryData(TypedDict):
    """Something that happened in a run: when (UTC), and what in one sentence."""

    at: str
    text: str


class HistoryData(TypedDict):
    """How the waves of a run changed (`maestro.history/1`), the oldest change first."""

    track: str
    run: str
    regroupings: list[RegroupingData]


class BoxData(TypedDict):
    """A sub-task, or a step of a verification."""

    text: str
    status: StatusName
    line: int
    depth: int


class PlanTaskData(TypedDict):
    """A task as it was read. `sha` is the commit that its marker records."""

    id: str
    title: str
    status: StatusName
    line: int
    sha: str | None
    subtasks: list[BoxData]


class VerificationData(TypedDict):
    """The verification block of a phase, which is no task."""

    title: str
    line: int
    boxes: list[BoxData]


class PlanPhaseData(TypedDict):
    """A phase as it was read. `checkpoint` is the commit that its heading records."""

    id: str
    title: str
    line: int
    checkpoint: str | None
    tasks: list[PlanTaskData]
    verification: VerificationData | None


class PlanData(TypedDict):
    """A plan as it was read (`maestro.plan/1`)."""

    track: str | None
    plan: str
    dialect: str
    title: str
    phases: list[PlanPhaseData]


class ProblemData(TypedDict):
    """Something to correct (error) or to consider (warning) in a document."""

    severity: Literal["error", "warning"]
    code: str
    message: str
    where: str | None
    hint: str | None


class LintData(TypedDict):
    """What is wrong with a document (`maestro.lint/1`)."""

    track: str | None
    document: str
    problems: list[ProblemData]


class ProgressData(TypedDict):
    """Tasks of a plan by status."""

    tasks: int
    done: int
    progress: int
    skipped: int
    blocked: int


class TrackData(TypedDict):
    """A track of the registry. `plan` is the path of its plan; `progress` and `next` (the first open task) are there where the plan was read."""

    id: str
    description: str
    type: str | None
    status: StatusName
    archived: bool
    line: int
    plan: str
    progress: NotRequired[ProgressData]
    next: NotRequired[str | None]


class TracksData(TypedDict):
    """The registry (`maestro.tracks/1`)."""

    registry: str
    tracks: list[TrackData]


class SelectedData(TypedDict):
    """The track a name stands for (`maestro.track/1`)."""

    track: TrackData


class MadeData(TypedDict):
    """A track that was made or adopted (`maestro.new-track/1`). `written` lists the paths; nothing is written with `--dry-run`."""

    track: str
    plan: str
    dialect: str
    phases: int
    tasks: int
    written: list[str]
    changed: bool
    dry_run: bool


class AdoptedData(TypedDict):
    """A folder of tracks that was adopted (`maestro.adopted/1`). `context` lists the documents that were copied; nothing is written with `--dry-run`."""

    folder: str
    tracks: list[MadeData]
    context: list[str]
    changed: bool
    dry_run: bool


class MarkData(TypedDict):
    """A marker that was set (`maestro.mark/1`)."""

    track: str | None
    plan: str
    task: str
    line: int
    was: StatusName
    status: StatusName
    sha: str | None
    changed: bool
    dry_run: bool


class MetadataData(TypedDict):
    """A track's metadata (`maestro.metadata/1`), with every field of the file."""

    track: str
    path: str
    metadata: dict[str, object]
    changed: bool
    dry_run: bool


class MetadataCheckData(TypedDict):
    """What is wrong with the metadata of tracks (`maestro.metadata-check/1`)."""

    checked: list[str]
    problems: list[ProblemData]
