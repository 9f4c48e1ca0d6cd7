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
    "sign_off_closed": (
        "The sign-off has ended, and what has ended is not changed.",
        "Read how: `placet signoff show ID`; request a new one if it is still needed.",
    ),
    "no_signature_needed": (
        "The policy of the environment asks for no signature.",
        "Ask the gate: `placet gate MODEL/NUMBER -e ENVIRONMENT`; or have an admin define a policy that names who must sign.",
    ),
    "not_requester": (
        "Only its requester or an admin withdraws a sign-off.",
        "If the version should not be deployed, reject it and say why: `placet signoff reject ID --rationale TEXT`.",
    ),
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
    "policy_not_found": ("There is no policy for this environment.", "See those that there are: `placet policies list`."),
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
    "mail_server_unavailable": (
        "The mail server does not take mail at the moment, so people are told later.",
        "Nothing is lost, and inboxes have what waits; have an operator look at `PLACET_APPROVAL_SMTP_URL` and the mail server.",
    ),
}

PROBLEM_CODES = (
    *explained("problem", "docs/philosophy.md", _SIGNING),
    *explained("problem", "docs/pipelines.md", _SIGN_OFFS),
    *explained("problem", "services/approval-service/README.md", _PEOPLE),
    *explained("problem", "docs/backup.md", _RESTORES),
    *explained("problem", "docs/webhooks.md", _WEBHOOKS),
    *explained("problem", "docs/notifications.md", _MAIL),
)
