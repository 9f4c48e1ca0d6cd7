"""Every operation as a method, written once for both clients.

    placet.approval.whoami()             # of a Client: an Identity
    await placet.approval.whoami()       # of an AsyncClient: the same

Parameters and results of the methods are defined in `operations`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar, overload

from placet_client.calls import Operation
from placet_client.operations import access as _access
from placet_client.operations import approval as _approval
from placet_client.operations import audit as _audit
from placet_client.operations import board as _board
from placet_client.operations import break_glass as _break_glass
from placet_client.operations import channels as _channels
from placet_client.operations import datasets as _datasets
from placet_client.operations import delegations as _delegations
from placet_client.operations import directives as _directives
from placet_client.operations import gate as _gate
from placet_client.operations import inbox as _inbox
from placet_client.operations import lag as _lag
from placet_client.operations import parked as _parked
from placet_client.operations import readiness as _readiness
from placet_client.operations import registering as _registering
from placet_client.operations import registry as _registry
from placet_client.operations import releases as _releases
from placet_client.operations import rollback as _rollback
from placet_client.operations import steps as _steps
from placet_client.operations import texts as _texts
from placet_client.operations import trials as _trials
from placet_client.operations import verification as _verification
from placet_client.operations import waiting as _waiting
from placet_client.operations import webhooks as _webhooks

__all__ = ["Approval", "Audit", "Awaiting", "Blocking", "Installation", "Parked", "Registry", "Verification", "method"]

P = ParamSpec("P")
T = TypeVar("T")
ModeT = TypeVar("ModeT", covariant=True)
Run = Callable[[Operation[Any]], Any]


class Blocking:
    """A call returns its result."""


class Awaiting:
    """A call returns a coroutine of its result."""


class method(Generic[P, T]):
    """A pure function's operation, run by the client that the method is called on.

    It has the function's parameters. The client's mode decides whether it gives the result or a coroutine, also for type checkers.
    """

    def __init__(self, function: Callable[P, Operation[T]]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, part: "_Part[Blocking]", owner: object) -> Callable[P, T]: ...

    @overload
    def __get__(self, part: "_Part[Awaiting]", owner: object) -> Callable[P, Coroutine[Any, Any, T]]: ...

    @overload
    def __get__(self, part: None, owner: object) -> Callable[P, Operation[T]]: ...

    def __get__(self, part: "_Part[Any] | None", owner: object) -> Callable[P, Any]:
        if part is None:
            return self._function

        @wraps(self._function)
        def call(*args: P.args, **kwargs: P.kwargs) -> Any:
            return part.run(self._function(*args, **kwargs))

        return call


class _Part(ABC, Generic[ModeT]):
    """A client or a part of one, whose methods run operations."""

    @abstractmethod
    def run(self, operation: Operation[Any]) -> Any:
        """The operation's result, or a coroutine of it."""


class _Service(_Part[ModeT]):
    """A part of an installation, run as the whole is."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def run(self, operation: Operation[Any]) -> Any:
        """As the installation runs it."""
        return self._run(operation)


class Registry(_Service[ModeT]):
    """Models, versions, artifacts, data sets, environments, deployments."""

    models = method(_registry.models)
    model = method(_registry.model)
    find_model = method(_registry.find_model)
    register_model = method(_registry.register_model)
    tag_model = method(_registry.tag_model)
    qualify_model = method(_registry.qualify_model)
    untag_model = method(_registry.untag_model)
    versions = method(_registry.versions)
    version = method(_registry.version)
    version_by_id = method(_registry.version_by_id)
    find_version = method(_registry.find_version)
    register_version = method(_registry.register_version)
    register = method(_registering.register)
    add_lineage = method(_registry.add_lineage)
    digest_of = method(_registry.digest_of)
    has_blob = method(_registry.has_blob)
    upload = method(_registry.upload)
    datasets = method(_datasets.datasets)
    dataset_versions = method(_datasets.dataset_versions)
    dataset = method(_datasets.dataset)
    datasets_of_bytes = method(_datasets.datasets_of_bytes)
    register_dataset = method(_datasets.register_dataset)
    add_dataset = method(_datasets.add_dataset)
    environments = method(_registry.environments)
    define_environment = method(_registry.define_environment)
    deployments = method(_registry.deployments)
    report_deployment = method(_registry.report_deployment)
    end_deployment = method(_registry.end_deployment)
    report_deployments = method(_releases.report_deployments)


class Verification(_Service[ModeT]):
    """Plans, runs, attestations, and trials of rows."""

    publish_plan = method(_verification.publish_plan)
    preview_plan = method(_verification.preview_plan)
    withdraw_plan = method(_verification.withdraw_plan)
    plans = method(_verification.plans)
    plan = method(_verification.plan)
    plan_versions = method(_verification.plan_versions)
    plans_for = method(_verification.plans_for)
    request_verification = method(_verification.request_verification)
    request_run = method(_verification.request_run)
    runs = method(_verification.runs)
    run_by_id = method(_verification.run)
    cancel_run = method(_verification.cancel_run)
    wait_for_run = method(_verification.wait_for_run)
    run_report = method(_verification.run_report)
    compared_runs = method(_verification.compared_runs)
    check_kinds = method(_verification.check_kinds)
    check_history = method(_verification.check_history)
    try_rows = method(_trials.try_rows)
    trial_count = method(_trials.trial_count)
    add_attestation = method(_verification.add_attestation)
    attestations = method(_verification.attestations)
    envelope = method(_verification.envelope)


class Approval(_Service[ModeT]):
    """People, tokens, policies, sign-offs, the gate, directives, break-glass, webhooks, channels."""

    whoami = method(_approval.whoami)
    people = method(_approval.people)
    person = method(_approval.person)
    add_person = method(_approval.add_person)
    change_roles = method(_approval.change_roles)
    change_address = method(_approval.change_address)
    deactivate = method(_approval.deactivate)
    service_accounts = method(_approval.service_accounts)
    add_service_account = method(_approval.add_service_account)
    change_service_account_roles = method(_approval.change_service_account_roles)
    deactivate_service_account = method(_approval.deactivate_service_account)
    tokens = method(_approval.tokens)
    issue_token = method(_approval.issue_token)
    revoke_token = method(_approval.revoke_token)
    lost_history = method(_approval.lost_history)
    apply_lost_history = method(_approval.apply_lost_history)
    access_policy = method(_access.access_policy)
    define_access_policy = method(_access.define_access_policy)
    check_access_policy = method(_access.check_access_policy)
    access_changes = method(_access.access_changes)
    access_change = method(_access.access_change)
    confirm_access_change = method(_access.confirm_access_change)
    withdraw_access_change = method(_access.withdraw_access_change)
    delegations = method(_delegations.delegations)
    delegate = method(_delegations.delegate)
    end_delegation = method(_delegations.end_delegation)
    absences = method(_delegations.absences)
    state_absence = method(_delegations.state_absence)
    clear_absence = method(_delegations.clear_absence)
    define_policy = method(_approval.define_policy)
    check_policy = method(_approval.check_policy)
    replay_policy = method(_approval.replay_policy)
    policies = method(_approval.policies)
    policy = method(_approval.policy)
    policies_for = method(_approval.policies_for)
    withdraw_policy = method(_approval.withdraw_policy)
    request_sign_off = method(_approval.request_sign_off)
    sign_offs = method(_approval.sign_offs)
    sign_off = method(_approval.sign_off)
    request_release = method(_releases.request_release)
    releases = method(_releases.releases)
    release = method(_releases.release_by_id)
    find_release = method(_releases.find_release)
    decide_release = method(_releases.decide_release)
    inbox = method(_inbox.inbox)
    deployment_approvals = method(_approval.deployment_approvals)
    act = method(_approval.act)
    give_feedback = method(_approval.give_feedback)
    resolve_issue = method(_approval.resolve_issue)
    waive_issue = method(_approval.waive_issue)
    meet_condition = method(_approval.meet_condition)
    wait = method(_approval.wait)
    unapproved = method(_directives.unapproved)
    directives = method(_directives.directives)
    directive = method(_directives.directive)
    resolve_directive = method(_directives.resolve_directive)
    open_break_glass = method(_break_glass.open_break_glass)
    break_glasses = method(_break_glass.break_glasses)
    break_glass = method(_break_glass.break_glass)
    close_break_glass = method(_break_glass.close_break_glass)
    debts = method(_break_glass.debts)
    debt = method(_break_glass.debt)
    review_debt = method(_break_glass.review_debt)
    notifications = method(_inbox.notifications)
    change_notifications = method(_inbox.change_notifications)
    webhooks = method(_webhooks.webhooks)
    webhook = method(_webhooks.webhook)
    add_webhook = method(_webhooks.add_webhook)
    rotate_webhook_secret = method(_webhooks.rotate_webhook_secret)
    disable_webhook = method(_webhooks.disable_webhook)
    enable_webhook = method(_webhooks.enable_webhook)
    ping_webhook = method(_webhooks.ping_webhook)
    deliveries = method(_webhooks.deliveries)
    redeliver = method(_webhooks.redeliver)
    channels = method(_channels.channels)
    channel = method(_channels.channel)
    add_channel = method(_channels.add_channel)
    try_channel = method(_channels.try_channel)
    remove_channel = method(_channels.remove_channel)
    ask_gate = method(_gate.ask_gate)
    decide = method(_gate.decide)
    decision = method(_gate.decision)
    decision_validity = method(_gate.decision_validity)
    rollback_candidates = method(_rollback.rollback_candidates)
    board = method(_board.board)
    steps = method(_steps.steps)
    complete_step = method(_steps.complete_step)
    reopen_step = method(_steps.reopen_step)


class Audit(_Service[ModeT]):
    """The timeline, the state as of any time, single entries."""

    timeline = method(_audit.timeline)
    as_of = method(_audit.as_of)
    entry = method(_audit.entry)


class Parked(_Service[ModeT]):
    """Events that a service could not apply."""

    events = method(_parked.parked_events)
    event = method(_parked.parked_event)
    retry = method(_parked.retry)
    go_on_without = method(_parked.go_on_without)


class Installation(_Part[ModeT]):
    """The four services, called with one token; every service waits until it has seen what another one answered."""

    def __init__(self) -> None:
        self.registry: Registry[ModeT] = Registry(self.run)
        self.verification: Verification[ModeT] = Verification(self.run)
        self.approval: Approval[ModeT] = Approval(self.run)
        self.audit: Audit[ModeT] = Audit(self.run)
        self.parked: Parked[ModeT] = Parked(self.run)

    ready = method(_readiness.ready)
    lags = method(_lag.lags)
    erase_text = method(_texts.erase_text)
    wait_for_approval = method(_waiting.wait_for_approval)
