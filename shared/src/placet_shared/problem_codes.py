"""What the problems mean that every service can answer with."""

from placet_shared.explained_codes import explained

__all__ = ["CODES"]

CODES = (
    *explained(
        "problem",
        "docs/security.md",
        {
            "token_missing": (
                "The request came without an access token.",
                "Name one: `--as NAME`, or the variable PLACET_TOKEN; other programs send `Authorization: Bearer placet_…`.",
            ),
            "token_invalid": (
                "The access token is unknown, revoked or expired.",
                "See whose token is sent: `placet whoami`. Ask an admin for a new one: `placet tokens issue NAME`.",
            ),
            "unauthenticated": ("Who sends the request is not known.", "Send an access token that is valid: `placet whoami` tries it."),
            "authentication_unavailable": (
                "Access tokens can't be checked at the moment: approval-service, which knows all, or its database does not answer.",
                "Try again in a moment; see `placet status`.",
            ),
            "role_required": (
                "The holder of the token has none of the roles that this needs.",
                "See your roles with `placet whoami`; ask an admin: `placet people roles NAME --role ROLE`.",
            ),
            "person_required": (
                "Only a person may decide this, and the token is a service account's.",
                "Let a person with the role decide, with a token of their own.",
            ),
            "forbidden": ("The holder of the token may not do this.", "Ask a person who may; `placet whoami` shows your roles."),
            "too_many_unknown_tokens": (
                "So many unknown tokens came from one address that further ones are refused for a while.",
                "Correct the token that the program there sends; ask an admin for a valid one.",
            ),
            "too_many_open_requests": (
                "One token keeps as many requests open (streams, long-polls) as it may.",
                "Close those that no program reads, or use a token for each program.",
            ),
            "too_many_connections": (
                "The service has as many connections open as it takes.",
                "Try again in a moment; if it lasts, look for clients that leave connections open.",
            ),
            "too_many": ("More was asked at once than one caller may.", "Wait for the seconds in `Retry-After`, then try again."),
        },
    ),
    *explained(
        "problem",
        "docs/rest/README.md",
        {
            "malformed": (
                "A field has a value that is not allowed.",
                "Correct the fields that `errors` names, and send the request again.",
            ),
            "invalid": (
                "The values are well-formed and contradict what is known.",
                "Read the detail; correct them, and send the request again.",
            ),
            "malformed_json": ("The body is no JSON.", "Send JSON with `Content-Type: application/json`."),
            "malformed_cursor": (
                "The cursor does not come from this listing, or the question was another one.",
                "Begin without a cursor, and pass on `next_cursor` as it is.",
            ),
            "malformed_request": (
                "The bytes on the connection are no HTTP request.",
                "Use an HTTP client; check the address and its scheme.",
            ),
            "malformed_if_match": (
                "`If-Match` does not name one version.",
                "Send the ETag that reading the resource gave you, quotes included.",
            ),
            "malformed_idempotency_key": ("The `Idempotency-Key` can't be used.", "Use a new UUID for each new request."),
            "malformed_correlation": ("The `Placet-Correlation` is no UUID.", "Send a UUID, or leave the header out."),
            "malformed_event": (
                "An event of another service is not in the form of a Placet event.",
                "Have an operator look at the source: is something else served at its address, or of a newer release?",
            ),
            "malformed_position": ("The text is no position in a service's history.", "Send one as it was given: registry:1:123."),
            "malformed_seen": ("The `Placet-Seen` can't be used.", "Send the newest `Placet-Position` that each service gave you."),
            "document_invalid": (
                "The YAML document has lines that are wrong.",
                "Correct the lines that are named and send it again; `placet apply -f FILE --dry-run` tries it without effect.",
            ),
            "character_not_allowed": ("The request has a character that can't be kept: U+0000.", "Leave it out."),
            "body_too_large": ("The body is larger than this address takes.", "Send less; `facts` has the limit."),
            "header_too_large": ("The request line and headers are larger than the service takes.", "Send fewer or shorter headers."),
            "too_large": ("There are more bytes than the limit.", "Send less."),
            "request_timeout": ("The request did not arrive whole in time.", "Send it again, over a connection that is fast enough."),
            "idempotency_mismatch": (
                "The `Idempotency-Key` came before, with another request.",
                "Use a new key for a new request; repeat a request unchanged with the key that it had.",
            ),
            "precondition_failed": (
                "`If-Match` names another version than the current one: it was changed meanwhile.",
                "Read the resource again, and decide on what is there now.",
            ),
            "conflict": ("The state of things does not allow it now.", "Read the detail, and look at the state of what is named."),
            "not_found": ("What the request names does not exist.", "Check the name or the id."),
            "no_such_address": ("There is nothing at this address.", "Check the address: `placet status`, and /docs of the service."),
            "method_not_allowed": ("The address does not know this method.", "The `Allow` header names those that it knows."),
            "unsupported_media_type": ("The media type is not understood here.", "/docs of the service lists those that are."),
            "refused": ("The request was understood, and the answer is no.", "Read the detail: it says what would help."),
            "text_not_found": (
                "The service keeps no text of this id: it may have been erased, or belong to another service.",
                "Ask the service whose event commits to it.",
            ),
        },
    ),
    *explained(
        "problem",
        "docs/operations.md",
        {
            "error": (
                "Something went wrong that has no code of its own.",
                "Give the `instance` of the problem to the operator of the service.",
            ),
            "internal_error": (
                "Something went wrong in the service that is not the caller's fault.",
                "Try again; if it lasts, give the `instance` of the problem to the operator, who finds it in the service's log.",
            ),
            "unavailable": ("Something that the service needs is down or behind.", "Try again in a moment; see `placet status`."),
            "not_ready": (
                "The service is starting, or something that it needs is missing.",
                "See `placet status`, which says what is missing.",
            ),
            "overloaded": ("More commands wait in the service than it takes.", "Try again after the seconds in `Retry-After`."),
            "contention": ("Other commands keep changing what this one relies on.", "Try again; if it lasts, send fewer at once."),
            "database_unavailable": (
                "The service's database can't be reached.",
                "Try again in a moment; if it lasts, have an operator look at PostgreSQL. See `placet status`.",
            ),
            "store_unreachable": (
                "The event store can't be reached, and whether the command took effect may be unknown.",
                "Repeat it with the same `Idempotency-Key`, which has one effect; `placet` does so by itself. See `placet status`.",
            ),
            "disk_full": ("The disk of PostgreSQL is full; nothing was changed.", "Have an operator make room, then try again."),
            "storage_full": ("There is no room for these bytes where they would be kept.", "Have an operator make room, then try again."),
            "parked_event_not_found": (
                "No event is parked at this position: it may have been applied or skipped meanwhile.",
                "See those that are: `placet parked list`.",
            ),
            "queued_behind": (
                "The parked event only waits for others about the same subject.",
                "Resolve the first of them; this one then goes on by itself: `placet parked list`.",
            ),
            "unprocessed_event": (
                "An event that this depends on could not be applied here, and is parked.",
                "Have an operator repair the cause and have it tried again: `placet parked list`, `placet parked retry`.",
            ),
        },
    ),
    *explained(
        "problem",
        "docs/consistency.md",
        {
            "behind": (
                "The service has not yet seen what the caller has seen elsewhere, in the time that it waits for it.",
                "Try again in a moment; if it lasts, see `placet status` and the lag of the service.",
            ),
            "beyond_head": (
                "A position was named that the source has not come to.",
                "Check the position; or the source runs on an old copy of its database: have an operator look.",
            ),
            "lost_branch": (
                "The position belongs to a branch of history that the source lost in a restore.",
                "Read the source's epochs, and begin again at or before the fork.",
            ),
            "source_unreachable": ("A service that this one reads from does not answer.", "See `placet status`, and try again."),
            "digest_mismatch": (
                "The bytes that arrived do not have the SHA-256 that they were announced with; nothing was kept.",
                "Compute the digest of the file again, and send the whole file.",
            ),
        },
    ),
)
