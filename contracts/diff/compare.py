"""Two contracts of one API side by side: which operations, parameters, bodies, answers and values differ, and how much
that matters to a client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from contracts.contract import Contract
from contracts.diff import rules
from contracts.diff.nodes import Nodes
from contracts.diff.view import Answer, Body, OperationView, Parameter, View, view
from contracts.diff.walk import Owner, Spot, Told, Walk
from contracts.drift import SEVERITIES, Finding, Severity, ranked, worst

__all__ = ["Diff", "diff"]


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs, the gravest first. ``reach`` says by a finding's key which operations it concerns, by their ids on
    both sides: a change of an object that many answers hold is one finding, with ``operation`` None."""

    service: str
    before: str
    after: str
    findings: Sequence[Finding]
    reach: Mapping[str, frozenset[str]]

    @property
    def worst(self) -> Severity | None:
        """The gravest severity; None when nothing differs."""
        return worst(self.findings)

    def counts(self) -> dict[Severity, int]:
        """How many findings of each severity."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in SEVERITIES}

    def rules(self) -> list[tuple[str, Severity, int]]:
        """How many findings of each rule, the most frequent first."""
        found = Counter((finding.rule, finding.severity) for finding in self.findings)
        return [(rule, severity, count) for (rule, severity), count in found.most_common()]

    def where(self, keep: Callable[[str], bool]) -> Diff:
        """What concerns operations whose id ``keep`` accepts; what concerns the API as a whole stays."""
        kept = [each for each in self.findings if not self.reach[each.key] or any(map(keep, self.reach[each.key]))]
        return Diff(self.service, self.before, self.after, kept, self.reach)

    def used_by(self, operations: Collection[str]) -> Diff:
        """What concerns these operations."""
        return self.where(frozenset(operations).__contains__)


def diff(before: Contract, after: Contract) -> Diff:
    """What a client of ``before`` meets at ``after``. Raises view.Incomparable."""
    return _Comparison(view(before), view(after)).run()


class _Comparison:
    """One comparison of two views."""

    def __init__(self, before: View, after: View) -> None:
        self.before = before
        self.after = after
        self.walk = Walk(Nodes(before.schemas), Nodes(after.schemas))
        #: The other id of an operation that is called differently on both sides.
        self.renamed: dict[str, str] = {}

    def run(self) -> Diff:
        pairs = self._pairs()
        paired = {two.id for _, two in pairs}
        for one, two in pairs:
            self._operation(one, two)
        matched = {one.id for one, _ in pairs}
        paths = {operation.address[1] for operation in self.after.operations.values()}
        for one in self.before.operations.values():
            if one.id not in matched:
                gone = (
                    "api-removed-without-deprecation"
                    if one.address[1] in paths
                    else "api-path-removed-without-deprecation"
                )
                self._tell(one.id, gone, "operation", f"{one.method} {one.path} is gone")
        for two in self.after.operations.values():
            if two.id not in paired:
                self._tell(two.id, "endpoint-added", "operation", f"{two.method} {two.path} is new")
        self.walk.finish()
        return self._found()

    def _found(self) -> Diff:
        findings: dict[str, Finding] = {}
        reach: dict[str, frozenset[str]] = {}
        for owner, tellings in self.walk.told.items():
            operations = self._both(self.walk.reach(owner)) if owner != _WHOLE else frozenset()
            for told in tellings:
                finding = self._finding(owner, told)
                findings[finding.key] = finding
                reach[finding.key] = operations
        return Diff(self.before.service, self.before.version, self.after.version, ranked(findings.values()), reach)

    def _finding(self, owner: Owner, told: Told) -> Finding:
        return Finding(
            service=self.before.service,
            operation=owner if isinstance(owner, str) and owner != _WHOLE else None,
            rule=told.rule,
            place=told.place,
            severity=told.severity,
            message=told.message,
            before=told.before,
            after=told.after,
        )

    def _both(self, operations: frozenset[str]) -> frozenset[str]:
        return operations | {self.renamed[name] for name in operations if name in self.renamed}

    def _pairs(self) -> list[tuple[OperationView, OperationView]]:
        """Operations that are the same on both sides: by id and method, else by method and path."""
        pairs = []
        left = dict(self.after.operations)
        rest = []
        for one in self.before.operations.values():
            two = left.get(one.id)
            if two is not None and two.method == one.method:
                pairs.append((one, left.pop(one.id)))
            else:
                rest.append(one)
        by_address: dict[tuple[str, str], OperationView] = {}
        for two in left.values():
            by_address.setdefault(two.address, two)
        renamed = 0
        for one in rest:
            two = by_address.pop(one.address, None)
            if two is not None:
                pairs.append((one, two))
                self.renamed[one.id] = two.id
                renamed += 1
        if renamed and renamed == len(pairs):
            message = f"operations are called differently: all {renamed} that both have"
            self._tell(_WHOLE, "api-operation-id-removed", "operations", message)
        elif renamed:
            for one_id, two_id in self.renamed.items():
                self._tell(one_id, "api-operation-id-removed", "operation", f"is called {two_id} now", one_id, two_id)
        return pairs

    def _operation(self, one: OperationView, two: OperationView) -> None:
        if one.address != two.address:
            self._tell(one.id, "api-path-changed", "operation", f"was {one.path}, is {two.path}", one.path, two.path)
        self._parameters(one, two)
        self._body(one.id, one.body, two.body)
        self._answers(one, two)
        for name in sorted(one.errors - two.errors):
            self._tell(one.id, "response-error-removed", f"response.errors.{name}", "is no longer named", name)
        for name in sorted(two.errors - one.errors):
            self._tell(one.id, "response-error-added", f"response.errors.{name}", "is a new refusal", None, name)

    def _parameters(self, one: OperationView, two: OperationView) -> None:
        for key, old in one.parameters.items():
            new = two.parameters.get(key)
            place = f"request.{key[0]}.{old.name}"
            if new is not None:
                self._parameter(one.id, place, old, new)
            elif key[0] != "path":  # of the path: the path itself has changed
                open_ = key[0] == "header" or not self.after.closed
                rule = "request-parameter-removed" + ("-where-unknown-ones-pass" if open_ else "")
                self._tell(one.id, rule, place, "is no longer known")
        for key, new in two.parameters.items():
            if key in one.parameters:
                continue
            place = f"request.{key[0]}.{new.name}"
            if key[0] == "path":
                if one.address == two.address:
                    continue
                self._tell(one.id, "new-request-path-parameter", place, "is new in the path")
            elif new.required:
                self._tell(one.id, "new-required-request-parameter", place, "is new and must be sent")
            else:
                self._tell(one.id, "new-optional-request-parameter", place, "is new and may be sent")

    def _parameter(self, operation: str, place: str, old: Parameter, new: Parameter) -> None:
        if old.required != new.required:
            kind, message = ("required", "must be sent") if new.required else ("optional", "need not be sent any more")
            self._tell(operation, f"request-parameter-became-{kind}", place, message)
        composed = {"array", "object"} & (self.walk.before.of(old.schema).types or frozenset())
        written = [f"{each.style}{' exploded' if each.explode else ''}" for each in (old, new)]
        if composed and old.style is not None and new.style is not None and written[0] != written[1]:
            message = f"was written in the style {written[0]}, is in {written[1]}"
            self._tell(operation, "request-parameter-serialization-changed", place, message, *written)
        self.walk.compare(Spot(operation, "request", "request-parameter", place), old.schema, new.schema)

    def _body(self, operation: str, old: Body | None, new: Body | None) -> None:
        place = "request.body"
        if old is None and new is None:
            return
        if old is None or new is None:
            if new is None:
                self._tell(operation, "request-body-removed", place, "takes no body any more")
            elif new.required:
                self._tell(operation, "request-body-added-required", place, "takes a body, which must be sent")
            else:
                self._tell(operation, "request-body-added-optional", place, "may take a body")
            return
        if old.required != new.required:
            kind, message = ("required", "must be sent") if new.required else ("optional", "need not be sent any more")
            self._tell(operation, f"request-body-became-{kind}", place, message)
        if old.encoding != new.encoding:
            message = f"was {old.encoding}, is {new.encoding}"
            self._tell(operation, "request-body-media-type-changed", place, message, old.encoding, new.encoding)
        if old.schema is not None and new.schema is not None:
            self.walk.compare(Spot(operation, "request", "request-body", place), old.schema, new.schema)
        elif (old.schema is None) != (new.schema is None):
            kind = "removed" if new.schema is None else "added"
            self._tell(operation, f"request-body-media-type-schema-{kind}", place, f"its schema was {kind}")

    def _answers(self, one: OperationView, two: OperationView) -> None:
        for status in sorted(one.answers.keys() | two.answers.keys()):
            old, new = one.answers.get(status), two.answers.get(status)
            place = f"response.{status}"
            kind = "success" if status.startswith("2") else "non-success"
            if new is None:
                self._tell(one.id, f"response-{kind}-status-removed", place, f"{status} is no longer an answer", status)
            elif old is None:
                self._tell(one.id, f"response-{kind}-status-added", place, f"{status} is a new answer", None, status)
            else:
                self._answer(one.id, place, old, new)

    def _answer(self, operation: str, place: str, old: Answer, new: Answer) -> None:
        self._headers(operation, f"{place}.header", old.headers, new.headers)
        body = f"{place}.body"
        if old.media != new.media:
            kind = "added" if old.media is None else "removed" if new.media is None else "name-changed"
            message = f"was {old.media or 'without a body'}, is {new.media or 'without a body'}"
            self._tell(operation, f"response-media-type-{kind}", body, message, old.media, new.media)
        if old.schema is not None and new.schema is not None:
            self.walk.compare(Spot(operation, "response", "response-body", body), old.schema, new.schema)
        elif (old.schema is None) != (new.schema is None) and old.media is not None and new.media is not None:
            kind = "removed" if new.schema is None else "added"
            self._tell(operation, f"response-body-media-type-schema-{kind}", body, f"its schema was {kind}")

    def _headers(self, operation: str, place: str, old: Mapping[str, Parameter], new: Mapping[str, Parameter]) -> None:
        for name, header in old.items():
            here = f"{place}.{name}"
            other = new.get(name)
            if other is None:
                kind = "required" if header.required else "optional"
                self._tell(operation, f"{kind}-response-header-removed", here, "is gone")
                continue
            if header.required != other.required:
                kind = "required" if other.required else "optional"
                self._tell(operation, f"response-header-became-{kind}", here, f"became {kind}")
            self.walk.compare(Spot(operation, "response", "response-header", here), header.schema, other.schema)
        for name in sorted(new.keys() - old.keys()):
            self._tell(operation, "response-header-added", f"{place}.{name}", "is new")

    def _tell(
        self, owner: str, rule: str, place: str, message: str, before: str | None = None, after: str | None = None
    ) -> None:
        self.walk.tell(owner, rule, rules.OPERATION[rule], place, message, before, after)


#: The owner of what concerns the API as a whole.
_WHOLE = ""
