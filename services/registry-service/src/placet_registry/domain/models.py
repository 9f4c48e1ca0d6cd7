"""A model: a name, a description, tags and the numbers of its versions; the facts of a version have a stream of their own."""

from dataclasses import field
from datetime import datetime
from typing import Self

from placet_registry.domain.governance_tags import is_governance_tag, refuse_governance_tags
from placet_registry.domain.qualification import Qualities, qualified_by, tag_of
from placet_registry.domain.words import identifier, model_name
from placet_shared.aggregates import Aggregate, Created, Event
from placet_shared.errors import Conflict, NotFound

__all__ = ["Commitment", "Model"]

Commitment = dict[str, str]
"""`{"id": …, "hmac": …}`: an event's reference to a free text, which it does not contain."""

TAG_LIMIT = 100
"""Of governance tags and of others each, since a developer who fills the model with tags must leave an admin room for those that select
plans; of all together when it is registered, which is one event."""


class Model(Aggregate):
    """A registered model. Its name is for people, its id never changes."""

    TOPIC = "Model"
    CATEGORY = "model"

    model_id: str
    name: str
    description: Commitment | None
    tags: dict[str, str] = field(default_factory=dict)
    latest_number: int = 0

    class ModelRegistered(Created):
        """A model exists from here on."""

        TOPIC = "ModelRegistered"

        model_id: str
        name: str
        description: Commitment | None
        tags: dict[str, str]

        def apply(self, aggregate: "Model") -> None:
            aggregate.tags = dict(self.tags)

    class ModelDescribed(Event):
        """The description is another one now, or none."""

        TOPIC = "ModelDescribed"

        model_id: str
        description: Commitment | None

        def apply(self, aggregate: "Model") -> None:
            aggregate.description = self.description

    class ModelTagged(Event):
        """A tag has this value now."""

        TOPIC = "ModelTagged"

        model_id: str
        key: str
        value: str

        def apply(self, aggregate: "Model") -> None:
            aggregate.tags[self.key] = self.value

    class ModelQualified(Event):
        """An admin judged it, and says why; the tags are set by events of their own."""

        TOPIC = "ModelQualified"

        model_id: str
        value: str | None
        risk: str | None
        feasibility: str | None
        risk_tier: str | None
        reason: Commitment

        def apply(self, aggregate: "Model") -> None:
            """The tags carry it."""

    class ModelUntagged(Event):
        """A tag is gone."""

        TOPIC = "ModelUntagged"

        model_id: str
        key: str

        def apply(self, aggregate: "Model") -> None:
            del aggregate.tags[self.key]

    class VersionNumbered(Event):
        """The next number belongs to this version; numbers have no gaps and are never used again."""

        TOPIC = "VersionNumbered"

        model_id: str
        version_id: str
        number: int

        def apply(self, aggregate: "Model") -> None:
            aggregate.latest_number = self.number

    @classmethod
    def register(
        cls, model_id: str, name: str, *, description: Commitment | None, tags: dict[str, str], by_admin: bool, at: datetime
    ) -> Self:
        """Begin a model; the caller reserves the name in the same append. Raises `Forbidden` for governance tags of others than admins."""
        sound = {identifier("tags", key): identifier(f"tags.{key}", value) for key, value in tags.items()}
        refuse_governance_tags(sound, by_admin=by_admin)
        _refuse_too_many(len(sound), "tags when it is registered")
        return cls.create(
            cls.ModelRegistered, key=model_id, at=at, model_id=model_id, name=model_name(name), description=description, tags=sound
        )

    def describe(self, description: Commitment | None, at: datetime) -> None:
        """Replace the description; without one before and after nothing happens."""
        if description != self.description:
            self.trigger(self.ModelDescribed, at=at, model_id=self.model_id, description=description)

    def tag(self, key: str, value: str, *, by_admin: bool, at: datetime) -> None:
        """Set a tag; a tag that has this value already stays as it is. Raises `Forbidden` for a governance tag of others than admins."""
        key, value = identifier("key", key), identifier("value", value)
        refuse_governance_tags([key], by_admin=by_admin)
        if self.tags.get(key) == value:
            return
        alike = {one for one in self.tags if is_governance_tag(one) == is_governance_tag(key)} | {key}
        _refuse_too_many(len(alike), "governance tags" if is_governance_tag(key) else "tags that are no governance tags")
        self.trigger(self.ModelTagged, at=at, model_id=self.model_id, key=key, value=value)

    def qualify(self, judged: Qualities, reason: Commitment, *, by_admin: bool, at: datetime) -> None:
        """Set the tags of the qualities that are given, None leaves one as it is, and say why; also when it was judged so before."""
        refuse_governance_tags(map(tag_of, judged), by_admin=by_admin)
        for quality, level in judged.items():
            if level is not None:
                self.tag(tag_of(quality), level, by_admin=by_admin, at=at)
        self.trigger(self.ModelQualified, at=at, model_id=self.model_id, **qualified_by(self.tags), reason=reason)

    def untag(self, key: str, *, by_admin: bool, at: datetime) -> None:
        """Take a tag away; raises `NotFound` when there is none of this key, `Forbidden` as `tag` does."""
        refuse_governance_tags([key], by_admin=by_admin)
        if key not in self.tags:
            raise NotFound(
                f"The model has no tag {key!r}.",
                code="tag_not_found",
                resolve="Read the model to see its tags; letter case matters.",
                model_id=self.model_id,
            )
        self.trigger(self.ModelUntagged, at=at, model_id=self.model_id, key=key)

    def number(self, version_id: str, at: datetime) -> int:
        """Give the next number to a version."""
        self.trigger(self.VersionNumbered, at=at, model_id=self.model_id, version_id=version_id, number=self.latest_number + 1)
        return self.latest_number


def _refuse_too_many(count: int, which: str) -> None:
    if count > TAG_LIMIT:
        raise Conflict(
            f"A model has at most {TAG_LIMIT} {which}.", code="too_many_tags", resolve="Remove a tag that is no longer of use first."
        )
