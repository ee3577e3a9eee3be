"""What a check of a gradient found, as an object, as text, as JSON, as a diagram and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphdl.ir.graph import Graph
from graphdl.verification.evidence import Checked, Counterexample, WrongAdjoint, finite
from graphdl.verification.finding import Finding, describe
from graphdl.verification.proof import Step
from graphdl.verification.values import agreement
from graphdl.verification.wording import among, counted

if TYPE_CHECKING:
    from graphdl.diagram import Diagram


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """What a check found.

    Attributes
    ----------
    verdict : str
        ``"proved"``, ``"checked"`` or ``"refuted"``.
    method : str
        What the verdict rests on: ``"proof by the chain rule"``, ``"proof on symbols"``, or how
        derivatives were measured.
    digits : float
        Decimal digits of agreement, the worst of all variables.
    points : int
        Number of points, edges included; a proof is compared at points, too.
    variables : tuple of Checked
        One a variable.
    counterexample : Counterexample or None
        Present if refuted at a point.
    steps : tuple of Step
        The rules and updates that it rests on, and how each is established.
    wrong : WrongAdjoint or None
        The first wrong step, if refuted.
    measured : str
        How derivatives were measured.
    edges : tuple of str
        Which edges are among the points.
    remarks : tuple of str
        What else is to be said of the proof.
    graph : Graph or None
        The backward graph or training step.
    """

    verdict: str
    method: str
    digits: float
    points: int
    variables: tuple[Checked, ...]
    counterexample: Counterexample | None = None
    steps: tuple[Step, ...] = ()
    wrong: WrongAdjoint | None = None
    measured: str = ""
    edges: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    graph: Graph | None = None

    def __bool__(self) -> bool:
        return self.verdict != "refuted"

    def __str__(self) -> str:
        names = max((len(v.name) for v in self.variables), default=0)
        rows = [
            f"  {v.name:{names}}  {v.digits:4.1f} digits  "
            f"{counted(v.directions, 'direction')}  {v.shape}"
            for v in self.variables
        ]
        place = [f"  first wrong: {self.wrong}"] if self.wrong else []
        edges = [f"  edges: {', '.join(self.edges)}"] if self.edges else []
        lines = [f"  {step.role} {step}" for step in self.steps]
        remarks = [f"  {remark}" for remark in self.remarks]
        return "\n".join([self.headline, *place, *rows, *edges, *lines, *remarks])

    @property
    def headline(self) -> str:
        """The verdict and how it was found, in a line."""
        found = sum(v.directions for v in self.variables)
        how = f"({self.measured or self.method}, {counted(found, 'derivative')})"
        example = self.counterexample
        if example is not None:
            return f"refuted{'' if example.note else self._where()}: {example} {how}"
        faults = [s for s in self.steps if s.verdict == "refuted"]
        if faults:
            fault = faults[0].outcome.fault or faults[0].outcome.how
            return f"refuted: the {faults[0].role} {faults[0].op} is wrong, {fault}"
        agreed = f"{self.digits:.1f} digits at {counted(self.points, 'point')}"
        if self.verdict == "proved":
            rules = sum(s.role == "rule of" for s in self.steps)
            by = f" from {counted(rules, 'rule')}" if self.method.endswith("chain rule") else ""
            return f"proved {self.method.removeprefix('proof ')}{by}; agrees to {agreed} {how}"
        return f"checked to {agreed} {how}"

    def _where(self) -> str:
        tried = " tried" if self.points == 1 else ""
        return f" at {among(1, self.points, 'point')}{tried}, smallest counterexample"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; arrays of a counterexample only if they are small."""
        return {
            "verdict": self.verdict,
            "method": self.method,
            "measured": self.measured or self.method,
            "digits": finite(self.digits),
            "points": self.points,
            "edges": list(self.edges),
            "variables": [
                {"name": v.name, "shape": v.shape, "digits": finite(v.digits),
                 "directions": v.directions}
                for v in self.variables
            ],
            "counterexample": self.counterexample and self.counterexample.to_dict(),
            "steps": [
                {"op": s.op, "role": s.role, "count": s.count, "verdict": s.verdict,
                 "how": s.outcome.how, "text": str(s)}
                for s in self.steps
            ],
            "wrong": self.wrong and self.wrong.to_dict(),
            "remarks": list(self.remarks),
        }  # fmt: skip

    def findings(self) -> list[Finding]:
        """Return what is wrong as rows: the first wrong step, refuted rules, the counterexample."""
        found = [self.wrong.finding] if self.wrong else []
        for step in self.steps:
            fault = step.outcome.fault
            if fault is not None:
                at = ", ".join(f"{name}={value}" for name, value in fault.values.items())
                name = f"{step.role} {step.op}: ∂{fault.of}/∂{fault.input} at {at}"
                digits = agreement(fault.expected, fault.got)
                found.append(Finding(name, fault.expected, fault.got, digits, step.op, step.site))
        example = self.counterexample
        if example is not None:
            where = "along a direction" if example.index is None else str(list(example.index))
            name = example.note or f"d/d{example.variable} {where}".removesuffix(" []")
            found.append(self._of_variable(name, example.variable, example))
        return found

    def elsewhere(self) -> dict[str, str]:
        """Return where the first wrong step is told, if not at the counterexample, as a fact."""
        from graphdl.verification.page import values_text

        if self.wrong is None or self.wrong.elsewhere is None:
            return {}
        return {"first wrong at": values_text(self.wrong.elsewhere)}

    def _of_variable(self, name: str, variable: str, example: Counterexample) -> Finding:
        digits = min((v.digits for v in self.variables if v.name == variable), default=0.0)
        node = self.graph.outputs.get(f"grad_{variable}") if self.graph else None
        rule, site = ("", "") if node is None else (describe(node), node.site)
        return Finding(name, example.measured, example.claimed, digits, rule, site, node)

    def draw(self, **options: Any) -> Diagram:
        """Draw the backward graph, with the first wrong node marked; see ``gd.draw``.

        Raises
        ------
        ArgumentError
            If there is no graph to draw.
        """
        from graphdl.verification.page import drawn

        return drawn(self.graph, self.findings(), options)

    def save(self, path: str | Path) -> Path:
        """Write a page that needs nothing else: verdict, table, how it was found, diagram.

        Parameters
        ----------
        path : path-like
            File to write; folders are made.
        """
        from graphdl.verification.page import save

        example = self.counterexample
        point = {} if example is None else {
            **example.inputs, **{f"state {k}": v for k, v in example.state.items()}
        }  # fmt: skip
        rows = [Finding(v.name, "", "", v.digits, v.shape) for v in self.variables]
        facts = {
            "verdict": self.verdict, "method": self.method, "report": str(self),
            **({"dims": str(example.dims)} if example and example.dims else {}),
            **self.elsewhere(),
        }  # fmt: skip
        graphs = [] if self.graph is None else [self.graph]
        return save(path, self.headline, self.findings() or rows, facts, point, graphs)
