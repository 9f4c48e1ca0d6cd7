"""What the problems mean that only approval-service answers with: who may sign, sign-offs, policies, people, tokens, restores."""

from placet_shared.explained_codes import explained

__all__ = ["PROBLEM_CODES"]

_SIGNING = {
    "people_only": (
        "A service account can't decide on a sign-off: decisions are made by people.",
        "Let a person decide, with a token of their own.",
    ),
    "separation_of_duties": (
        "Who trained, registered, prepared the data or requested can't be one of those who agree to it.",
        "Ask a person who had no part in it; `placet signoff show ID` names who is excluded and which roles are missing.",
    ),
    "already_signed": (
        "This person has signed already; a quorum counts people, and each counts once.",
        "Nothing more is needed from them; `placet signoff show ID` says what is missing.",
    ),
    "token_issuer_shared": (
        "Where two admins give access, two signatures need tokens of different issuers: one person could have given both.",
        "Sign with a token that another admin issued, or one made on the server: `python -m placet_approval issue-token NAME`.",
    ),
    "token_issued_by_another": (
        "The token was issued by a person who has a part in the sign-off, so that one person could have acted twice.",
        "Have an admin who has no part in it issue a token, `placet tokens issue NAME`; sign with that one, and revoke the other.",
    ),
    "role_complete": ("All signatures of this role are there.", "See what is missing: `placet signoff show ID`."),
    "role_ambiguous": ("The signer holds several of the roles that are missing.", "Say in which one you sign: `--role ROLE`."),
    "role_not_asked_for": (
        "The policy asks for no signature of this role.",
        "See which roles it asks for: `placet policies show ENVIRONMENT`.",
    ),
    "role_not_held": (
        "The signer has none of the roles that the policy asks for, or not the one that was named.",
        "Ask a person who has it, or have an admin give it: `placet people roles NAME --role ROLE`.",
    ),
    "no_delegation": (
        "No delegation of the named person to the signer is in force for this sign-off in a role that is asked for.",
        "See `placet delegations list`; ask the person to delegate: `placet delegations add NAME --until TIME --reason TEXT`.",
    ),
    "delegation_ambiguous": (
        "Several people let the signer sign in their place.",
        "Say for whom: `placet signoff approve ID --for NAME`.",
    ),
    "rationale_required": (
        "The policy asks for a rationale.",
        "Say what you looked at and why it is good enough, or is not: `--rationale TEXT`.",
    ),
    "deactivated": ("The person was deactivated a moment ago.", "Ask an admin whether that was meant."),
    "token_revoked": ("The token was revoked a moment ago.", "Ask an admin for a new one."),
    "person_unknown": ("The holder of the token is not known as a person who may act.", "Ask an admin: `placet people add NAME`."),
}
_SIGN_OFFS = {
    "sign_off_not_found": ("There is no such sign-off.", "See those that there are: `placet signoff list`."),
    "sign_off_open": (
        "A sign-off of this version for this environment is open already.",
        "Have it signed, or withdraw it before you request another: `placet signoff withdraw ID`.",
    ),
    "sign_off_suspended": (
        "The approval of this version for this environment is suspended, and another sign-off would pass that over.",
        "Read why: `placet signoff show ID`. Have it go on, `placet signoff resume ID -r TEXT`, or revoke it.",
    ),
    "part_of_release": (
        "The sign-off is part of a release, which people sign as one.",
        "Sign the release: `placet releases approve ID`. To change it, withdraw it and request another.",
    ),
    "release_not_found": ("There is no such release.", "See those that there are: `placet releases list`."),
    "release_closed": ("People have decided on the release, or it has ended.", "See how it stands: `placet releases show ID`."),
    "release_members": (
        "A release has two to twenty versions, each of another model.",
        "Leave out what can't be deployed together; request the sign-off of a single version alone.",
    ),
    "issues_open": (
        "More major issues on these bytes are open, from earlier sign-offs, than a request can carry on.",
        "Register a version that is better: `placet register`.",
    ),
    "sign_off_closed": (
        "The sign-off has ended, and what has ended is not changed.",
        "Read how: `placet signoff show ID`; request a new one if it is still needed.",
    ),
    "no_signature_needed": (
        "The policy of the environment asks for no signature.",
        "Ask the gate: `placet gate MODEL/NUMBER -e ENVIRONMENT`; or have an admin define a policy that names who must sign.",
    ),
    "not_requester": (
        "Only its requester or an admin withdraws a sign-off, and only its requester begins a new round of it.",
        "If the version should not be deployed, reject it and say why: `placet signoff reject ID --rationale TEXT`.",
    ),
    "feedback_not_asked_for": (
        "The sign-off asks for no feedback of this group.",
        "See which groups it asks: `placet signoff show ID`; or comment on it: `placet signoff comment ID --text TEXT`.",
    ),
    "issue_not_found": ("The sign-off has no such issue.", "See its issues: `placet signoff show ID`."),
    "finding_not_resolvable": (
        "A check found it, and no person can call that resolved.",
        "Have it waived, `placet signoff waive ID --until 30d -r TEXT`, or register a version that is better.",
    ),
    "issue_resolved": ("The issue is resolved already.", "Nothing more is needed for it."),
    "waiver_not_allowed": (
        "The policy names no role that may waive an issue.",
        "Have the group that raised it say that it is resolved: `placet signoff resolve ID --issue ISSUE -r TEXT`.",
    ),
    "waiver_too_long": (
        "A waiver ends in the future, within the time that the policy allows.",
        "Name an earlier `--until`; see `placet policies show ENVIRONMENT`.",
    ),
    "not_your_turn": (
        "The policy asks for signatures in an order, and others sign first.",
        "See who is next: `placet signoff show ID`.",
    ),
    "too_many_issues": (
        "So many issues on the bytes are open already, of one person or of all, that requests would have no room for more.",
        "Say that issues are resolved, `placet signoff resolve ID -r TEXT`; or reject the sign-off.",
    ),
    "too_many_conditions": ("The sign-off has as many conditions as it can have.", "Reject it, or ask for changes."),
    "condition_due_date": (
        "A condition is due in the future, and before the approval would end.",
        "Name another time when it is due.",
    ),
    "condition_owner_inactive": ("The owner of the condition is not active.", "Name another person: `placet people list`."),
    "condition_not_found": ("The sign-off has no such condition.", "See its conditions: `placet signoff show ID`."),
    "condition_closed": ("The condition was met already, or was missed.", "If it was missed, request a new sign-off."),
    "nothing_to_suspend": (
        "Only an approved sign-off can be suspended.",
        "While it is pending, reject it or ask for changes: `placet signoff request-changes ID -r TEXT`.",
    ),
    "nothing_to_resume": ("The sign-off is not suspended.", "See how it stands: `placet signoff show ID`."),
    "nothing_to_revoke": (
        "There is nothing of yours to revoke here.",
        "An approved sign-off can be revoked, and while it is pending a signature by its signer.",
    ),
    "nothing_contested": (
        "No claim about the signers of the sign-off waits for a decision.",
        "Look at it again: `placet signoff show ID`; the claims may have been decided on.",
    ),
    "version_not_found": (
        "There is no such version, or approval-service has not heard of it yet.",
        "See `placet versions list MODEL`; after a registration a moment ago, send its `Placet-Position` as `Placet-Seen`.",
    ),
    "no_policy": ("No policy says what the environment asks for.", "Have an admin define one: `placet apply -f policy.yaml`."),
    "policy_not_found": (
        "There is no policy for this environment, none of this name, or none for this model.",
        "See those that there are: `placet policies list`.",
    ),
    "policy_name_taken": ("A policy and a floor of one environment can't have the same name.", "Choose another name."),
    "policy_withdrawn": ("The policy is withdrawn already.", "Nothing is left to do."),
    "unknown_environment": (
        "There is no environment of this name.",
        "See `placet environments list`; an admin defines one: `placet environments define NAME`.",
    ),
    "gate_decision_not_found": (
        "No decision of this id was recorded.",
        "Check the id; a decision is recorded with `placet gate MODEL/NUMBER -e ENVIRONMENT --record`.",
    ),
    "decision_outdated": (
        "The same request got a yes before, and would not get that answer now.",
        "Read the reasons; ask again with a new `Idempotency-Key` for a decision of now.",
    ),
}
_PEOPLE = {
    "person_not_found": ("There is no such person.", "See `placet people list`."),
    "person_deactivated": ("The person is deactivated.", "Add the person anew, under another name: `placet people add NAME`."),
    "name_taken": ("The name is taken; a name is never given twice.", "Choose another name."),
    "holder_ambiguous": ("A person and a service account share this name.", "Give the id of the one you mean."),
    "service_account_not_found": ("There is no such service account.", "Check the name; GET /v1/service-accounts lists them."),
    "service_account_deactivated": ("The service account is deactivated.", "Add one under another name."),
    "role_not_for_service_accounts": (
        "A service account can't hold a role that decides: decisions are made by people.",
        "Give it roles that service accounts may have, and the others to people.",
    ),
    "token_not_found": ("There is no such token.", "See `placet tokens list`."),
    "tokens_of_others": ("Only admins manage tokens of others, and a service account manages none.", "Ask an admin."),
    "expiry_in_the_past": ("The token would have expired before it was issued.", "Give a time in the future, or none."),
}
_ACCESS = {
    "second_admin_required": (
        "The admin who proposed a change, and the person whom it concerns, don't confirm it.",
        "Ask another admin: `placet access confirm ID`.",
    ),
    "second_admin_missing": (
        "Two admins are asked for, and there is one.",
        "Add one on the server, with a token that no person issued: `python -m placet_approval add-admin NAME`.",
    ),
    "proposer_left": (
        "The person who proposed the change is no admin any more.",
        "Withdraw it: `placet access withdraw ID`; propose it anew.",
    ),
    "access_change_closed": ("The change was confirmed or withdrawn already.", "See `placet access list`."),
    "access_change_not_found": ("There is no such change of access.", "See `placet access list`."),
    "policy_changed_meanwhile": (
        "The policy was changed after the weaker one was proposed, so that it was held against another version than the one in force.",
        "Withdraw it, `placet access withdraw ID`; apply the document again, and see what it weakens now.",
    ),
    "role_not_governed": (
        "Where two admins give the roles that sign, a policy does not let a role sign that one admin gives.",
        "Name roles in the policy that are given to people only, such as reviewer.",
    ),
}
_DELEGATIONS = {
    "delegation_not_found": ("There is no such delegation.", "See `placet delegations list`."),
    "delegate_is_oneself": ("One can't delegate to oneself.", "Name the person who is to sign in your place."),
    "delegate_is_no_person": ("A service account signs nothing, in no person's place.", "Name a person."),
    "delegation_without_time": ("The delegation would have ended before it begins.", "Give an end in the future, after the start."),
    "delegation_too_long": ("A delegation lasts at most 90 days.", "Give an earlier end, and delegate again when it is over."),
    "absence_without_time": ("The absence would have ended before it begins.", "Give an end in the future, after the start, or none."),
    "absence_of_others": ("People state their own absence, an admin that of others.", "Ask the person, or an admin."),
    "not_absent": (
        "A sign-off is reassigned for a person who is absent, and that is said by the person or by an admin who does not reassign it.",
        "State it: `placet absences set`; or ask the person to sign, or to delegate.",
    ),
    "no_policy_owner": (
        "The policy names no owner, so that no person may reassign its sign-offs.",
        "Ask the absent person to delegate; or have an admin define a policy with an `owner`: `placet apply -f policy.yaml`.",
    ),
    "reassigned_to_oneself": (
        "An owner reassigns a sign-off to another person, in a third person's place.",
        "Name others: `placet signoff reassign ID --absent NAME --to NAME --role ROLE --reason TEXT`.",
    ),
    "reassigned_by_oneself": (
        "Who reassigned a sign-off chose one of its signers, and signs it neither in their own name nor in another person's place.",
        "Have it signed by people who did not choose another signer: `placet signoff show ID`.",
    ),
    "not_your_delegation": (
        "A delegation is ended by the person who gave it, by the one who has it, or by an admin.",
        "Ask one of them: `placet delegations end ID`.",
    ),
}
_POLICIES = {
    "replay_running": (
        "Another person's draft policy is replayed at the moment; one replay runs at a time.",
        "Try again when it is over, in some seconds; or leave it out: `placet apply -f policy.yaml --no-replay`.",
    ),
}
_RESTORES = {
    "nothing_lost": ("Nothing is known to be lost.", "There is nothing to review."),
    "lost_history_incomplete": (
        "The audit log has not listed all that was lost in the restore.",
        "Wait until audit-service has it; if it never will, apply without it: `placet restore apply --incomplete --reason TEXT`.",
    ),
    "log_unreachable": (
        "The audit log does not say what was lost in a restore, because audit-service does not answer.",
        "See `placet status`; start audit-service, then ask again.",
    ),
}
_EMERGENCIES = {
    "directive_not_found": ("There is no such directive.", "See those that there are: `placet directives list`."),
    "directive_closed": ("The directive is closed: it was followed, accepted, or facts resolved it.", "Nothing more is to be done for it."),
    "break_glass_not_found": ("There is no such break-glass.", "See those that there are: `placet break-glass list`."),
    "break_glass_not_allowed": (
        "The policy of the environment lets no person break glass.",
        "Have the version signed off; an admin may name in the policy who may break glass: `placet apply -f policy.yaml`.",
    ),
    "authentication_not_fresh": (
        "A break-glass asks for fresh authentication: a token that was issued in the last 15 minutes.",
        "Issue yourself a token now, `placet tokens issue NAME`, and use that one.",
    ),
    "break_glass_open": (
        "A break-glass for these bytes is open: there is one at a time, and its review waits until it is over.",
        "Use it; or close it: `placet break-glass close ID`.",
    ),
    "break_glass_over": ("The break-glass was closed, or its time is over.", "Only its review is left: `placet debts list`."),
    "break_glass_too_long": (
        "The policy does not let a break-glass stay open for so long.",
        "Ask for less; another can be opened afterwards.",
    ),
    "debt_not_found": ("There is no such debt.", "See those that there are: `placet debts list`."),
    "debt_settled": ("The debt is settled: all that were asked for have signed its review.", "Nothing more is needed."),
}
_STEPS = {
    "step_not_found": (
        "The policy of the environment has no step of this name.",
        "See its steps: `placet steps list MODEL/NUMBER -e ENV`.",
    ),
    "step_not_by_hand": (
        "The step is completed by what happens to the version, not by a person.",
        "See what it waits for: `placet steps list MODEL/NUMBER -e ENV`.",
    ),
    "step_not_reached": (
        "Steps are completed in the policy's order, and one before this one is open.",
        "Have the step before it completed first; the answer names it.",
    ),
    "step_complete": ("The step is complete.", "Nothing more is needed; to have it done again, reopen it: `placet steps reopen`."),
    "step_not_complete": ("The step is not complete, so there is nothing to reopen.", "See how it stands: `placet steps list`."),
}
_WEBHOOKS = {
    "webhook_url_refused": (
        "The address of a webhook can't be used: it is not plain, not https, or of a host that may not be reached.",
        "Send the https address of a public host; an operator allows other networks with `PLACET_APPROVAL_WEBHOOK_NETWORKS`.",
    ),
    "unknown_event_type": (
        "No published event has this type, or one that begins so.",
        "See docs/events.md; `SignOff*` is all that begin so, `*` all there are.",
    ),
    "webhook_not_found": ("There is no such webhook.", "See those that there are: `placet webhooks list`."),
    "webhook_disabled": ("The webhook is disabled, so nothing is sent to it.", "Enable it first: `placet webhooks enable ID`."),
    "delivery_not_found": (
        "The event was not queued for this webhook within the last 30 days.",
        "See what was: `placet webhooks deliveries ID`.",
    ),
}
_MAIL = {
    "channel_not_found": (
        "There is no such channel, or it was removed.",
        "See those that there are: `placet channels list`.",
    ),
    "mail_server_unavailable": (
        "The mail server does not take mail at the moment, so people are told later.",
        "Nothing is lost, and inboxes have what waits; have an operator look at `PLACET_APPROVAL_SMTP_URL` and the mail server.",
    ),
}

PROBLEM_CODES = (
    *explained("problem", "docs/philosophy.md", _SIGNING),
    *explained("problem", "docs/pipelines.md", _SIGN_OFFS),
    *explained("problem", "services/approval-service/README.md", _PEOPLE),
    *explained("problem", "docs/how-to/delegation.md", {**_DELEGATIONS, **_ACCESS}),
    *explained("problem", "docs/how-to/example-policies.md", _POLICIES),
    *explained("problem", "docs/backup.md", _RESTORES),
    *explained("problem", "docs/how-to/break-glass.md", _EMERGENCIES),
    *explained("problem", "docs/how-to/processes.md", _STEPS),
    *explained("problem", "docs/webhooks.md", _WEBHOOKS),
    *explained("problem", "docs/notifications.md", _MAIL),
)
