"""The plugin as a test run sees it: fixtures, scopes, failures that explain themselves, and nothing unasked."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from broker_pytest.control import Control
from broker_pytest.plugin import scope_of
from tests.broker_pytest.conftest import ROOT, Run

pytestmark = pytest.mark.slow


def names(control: Control) -> list[str]:
    return [one["name"] for one in control.ask("GET", "/environments", query={"status": "open"})["items"]]


def test_each_test_sees_its_own(pytester: pytest.Pytester, run: Run, control: Control) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("name", ["ada", "bob"])
        def test_a_customer(broker, name):
            broker.stripe.v1.customers.create({"email": f"{name}@example.com"})
            found = broker.verify("exchanges", {"request.body.email": f"{name}@example.com"}, service="stripe", count=1)
            assert found.first["scope"] == broker.scope
            assert len(broker.exchanges()) == 1
            assert broker.events()[0]["type"] == "customer.created"

        def test_a_bucket(broker):
            broker.s3.create_bucket(Bucket="things")
            broker.verify("exchanges", operation="CreateBucket", count=1)
            broker.never("exchanges", service="stripe")

        def test_a_mail(broker):
            from sendgrid.helpers.mail import Mail
            broker.sendgrid.send(Mail("shop@example.com", "ada@example.com", "Hello", "Dear Ada"))
            assert broker.wait("mails", to="ada@example.com", count=1).first["subject"] == "Hello"
            broker.never("mails", to="bob@example.com")
        """
    )
    run().assert_outcomes(passed=4)
    assert [name for name in names(control) if name.startswith("pytest-")] == [], "closed with the run"


def test_an_environment_a_test_when_that_is_asked_for(pytester: pytest.Pytester, run: Run, control: Control) -> None:
    pytester.makeini("[pytest]\nbroker_environment = test\nbroker_variables = true\nbroker_policy = policy.yaml\n")
    pytester.path.joinpath("policy.yaml").write_text("version: 1\nservices: {s3: refuse}\n")
    pytester.makepyfile(
        """
        import os

        seen = set()

        def check(broker):
            assert broker.scope == "" and broker.name not in seen
            seen.add(broker.name)
            assert os.environ["STRIPE_API_KEY"] == broker.env["STRIPE_API_KEY"]
            assert broker.exchanges() == []
            other = broker.open("other")
            assert other.name.startswith(broker.name)

        def test_one(broker):
            check(broker)

        def test_two(broker):
            check(broker)

        def test_the_policy_holds(broker):
            import botocore.exceptions, pytest
            with pytest.raises(botocore.exceptions.ClientError):
                broker.s3.list_buckets()
        """
    )
    run().assert_outcomes(passed=3)
    assert [name for name in names(control) if name.startswith("pytest-")] == []


def test_failures_explain_themselves(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        def test_verify(broker):
            broker.stripe.v1.customers.create({"email": "bob@example.com"})
            broker.verify("exchanges", {"request.body.email": "ada@example.com"}, service="stripe", count=1)

        def test_expected(broker):
            broker.expect("mails", to="ada@example.com", count=1, name="a receipt")

        def test_never(broker):
            broker.expect("exchanges", status={"$gte": 400}, count=0)
            broker.stripe.v1.customers.list()

        def test_wait(broker):
            broker.wait("deliveries", timeout=0.01)

        def test_strict(broker):
            broker.expect("exchanges", operation="customers.create")
            broker.stripe.v1.customers.create({})
            broker.stripe.v1.customers.list()
            assert len(broker.unmatched()) == 1
            broker.verify_expectations(strict=True)
        """
    )
    result = run()
    result.assert_outcomes(failed=4, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*AssertionError: expected exactly 1 of the exchanges to match, found 0*",
            "*near miss *POST /v1/customers 200*",
            '*request.body.email: expected "ada@example.com", found "bob@example.com"*',
            "*broker: pytest-*test_verify*",
            "*200  POST /e/*/v1/customers",
            "*unmet: a receipt: expected exactly 1 of the mails to match, found 0*",
            "*exchanges that nothing expects:*",
        ]
    )
    assert "broker_pytest/environment.py" not in result.stdout.str(), "the plugin's own frames are hidden"


def test_workers_do_not_disturb_each_other(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(12))
        def test_alone(broker, number, worker_id):
            assert worker_id in broker.name
            for _ in range(number % 3 + 1):
                broker.stripe.v1.customers.create({"name": str(number)})
            broker.verify("exchanges", operation="customers.create", count=number % 3 + 1)
            broker.verify("events", {"payload.data.object.name": str(number)}, count=number % 3 + 1)
        """
    )
    run("-n", "2").assert_outcomes(passed=12)


def test_a_run_without_it_imports_nothing_and_starts_nothing(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing(request):
            ours = {name for name in sys.modules if name.startswith(("broker.", "broker_pytest."))}
            assert ours == {"broker_pytest.plugin"}
            assert "broker" not in request.fixturenames
        """
    )
    run().assert_outcomes(passed=1)


def test_a_server_is_started_where_none_is_given(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BROKER_URL")
    monkeypatch.delenv("BROKER_TOKEN")
    pytester.makepyfile(
        """
        def test_one(broker, broker_server):
            broker.stripe.v1.customers.create({"name": "Ada"})
            broker.clock.advance("31d")
            broker.verify("exchanges", operation="customers.create", count=1)
            print("served at", broker_server.url)
        """
    )
    result = run("-s")
    result.assert_outcomes(passed=1)
    (line,) = [line for line in result.outlines if "served at" in line]
    with pytest.raises(Exception, match="no broker answers"):
        Control(line.split()[-1], "x").ask("GET", "/environments")


def test_a_server_that_is_not_there_is_told(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_URL", "http://127.0.0.1:9")
    pytester.makepyfile("def test_one(broker): pass")
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no broker answers at http://127.0.0.1:9*"])


@pytest.mark.parametrize(
    ("nodeid", "run_", "scope"),
    [
        ("tests/test_a.py::test_b[x-1]", 1, "tests-test_a.py-test_b-x-1"),
        ("tests/test_a.py::test_b", 2, "tests-test_a.py-test_b-run2"),
        ("a[ä/~?#%]", 1, "a"),
    ],
)
def test_a_scope_is_what_every_address_can_carry(nodeid: str, run_: int, scope: str) -> None:
    assert scope_of(nodeid, run_) == scope


def test_long_scopes_are_cut_and_stay_apart() -> None:
    first, second = (scope_of(f"{name}/" + "x" * 300) for name in ("a", "b"))
    assert first != second
    assert max(map(len, (first, second))) <= 200


def test_loading_it_costs_nothing_but_itself() -> None:
    """Beside pytest it imports the standard library's regular expressions."""
    code = (
        "import sys, pytest; before = set(sys.modules); import broker_pytest.plugin;"
        "assert set(sys.modules) - before == {'broker_pytest', 'broker_pytest.plugin'}, set(sys.modules) - before"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})


def test_the_plugin_is_an_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"preview-broker": "broker_pytest.plugin"}
