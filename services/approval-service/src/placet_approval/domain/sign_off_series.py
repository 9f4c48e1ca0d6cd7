"""All sign-offs of one version for one environment, one after the other: the stream in which only one can be open."""

from datetime import datetime

from placet_shared.aggregates import Aggregate, Recurring, origin_of
from placet_shared.identifiers import derived_key

__all__ = ["SignOffSeries"]


class SignOffSeries(Aggregate):
    """Concurrent requests both write here, so that one of them gets a conflict."""

    TOPIC = "SignOffSeries"
    CATEGORY = "signoffseries"

    def __init__(self) -> None:
        self.latest = ""

    class SignOffOpened(Recurring):
        TOPIC = "SignOffOpened"
        sign_off_id: str
        version_id: str
        environment: str

        def apply(self, aggregate: "SignOffSeries") -> None:
            aggregate.latest = self.sign_off_id

    @staticmethod
    def key_of(version_id: str, environment: str) -> str:
        """The key of the series."""
        return derived_key("signoff", version_id, environment)

    @classmethod
    def start(cls, sign_off_id: str, version_id: str, environment: str, at: datetime) -> "SignOffSeries":
        """The first sign-off of a version for an environment."""
        key = cls.key_of(version_id, environment)
        return cls.create(cls.SignOffOpened, key=key, at=at, sign_off_id=sign_off_id, version_id=version_id, environment=environment)

    def go_on(self, sign_off_id: str, version_id: str, environment: str, at: datetime) -> None:
        """The next one; the caller has seen that the latest one is closed, and checks its stream."""
        self.trigger(
            self.SignOffOpened,
            at=at,
            originator_topic=origin_of(self),
            sign_off_id=sign_off_id,
            version_id=version_id,
            environment=environment,
        )
