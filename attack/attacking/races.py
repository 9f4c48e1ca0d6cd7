"""Clients that act concurrently on few things, undo each other's acts and reuse keys."""

import random
from collections import deque
from dataclasses import dataclass, field

from attacking.recorder import Recorder

__all__ = ["World", "act", "prepare"]

ENVIRONMENT = "test"
WHY = {"rationale": "A test of concurrent acts."}
DIGESTS = 24
MODELS = 4
RECENT = 24


@dataclass
class World:
    """What clients know: the newest versions and sign-offs, with their bytes, and keys of the gate."""

    people: dict[str, str]
    digests: list[str]
    models: list[str] = field(default_factory=list)
    versions: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=RECENT))
    sign_offs: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=RECENT))
    keys: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=RECENT))


async def prepare(recorder: Recorder, chance: random.Random) -> World:
    """People, models, and the digests of which all versions are."""
    people = {}
    for name in ("alice", "bob", "carol"):
        headers = {"Authorization": f"Bearer {recorder.machine.token(name)}"}
        answer = await recorder.client.get(f"{recorder.machine.url('approval')}/v1/whoami", headers=headers)
        people[name] = str(answer.raise_for_status().json()["id"])
    world = World(people, [f"{chance.getrandbits(256):064x}" for _ in range(DIGESTS)])
    for number in range(MODELS):
        if said := await recorder.ask("alice", "register model", "registry", "/v1/models", {"name": f"attacked-{number}"}, {}):
            world.models.append(str(said["id"]))
    if not world.models:
        raise RuntimeError(f"no model could be registered: {recorder.operations[-1]}")
    return world


async def act(recorder: Recorder, world: World, chance: random.Random) -> None:
    """One random act of a client."""
    acts = [(_register, 14), (_request, 22), (_sign, 24), (_revoke, 8), (_ask_the_gate, 32)]
    (chosen,) = chance.choices([one for one, _ in acts], [weight for _, weight in acts])
    await chosen(recorder, world, chance)


async def _register(recorder: Recorder, world: World, chance: random.Random) -> None:
    """Now and then a signer turns out to have trained the bytes."""
    digest = chance.choice(world.digests)
    trainer = world.people["carol" if chance.random() < 0.1 else "alice"]
    body = {
        "artifact": {"sha256": digest, "uri": f"s3://models/{digest}", "size": 1},
        "format": "onnx",
        "lineage": {"trained_by": [trainer]},
    }
    path = f"/v1/models/{chance.choice(world.models)}/versions"
    if said := await recorder.ask("alice", "register", "registry", path, body, {"digest": digest, "trained_by": trainer}):
        world.versions.append((str(said["id"]), digest))


async def _request(recorder: Recorder, world: World, chance: random.Random) -> None:
    if not world.versions:
        return
    version, digest = chance.choice(world.versions)
    about = {"digest": digest, "version_id": version, "environment": ENVIRONMENT}
    body = {"environment": ENVIRONMENT, "version_id": version, **WHY}
    if said := await recorder.ask("alice", "request", "approval", "/v1/sign-offs", body, about):
        world.sign_offs.append((str(said["id"]), digest))


async def _sign(recorder: Recorder, world: World, chance: random.Random) -> None:
    if not world.sign_offs:
        return
    sign_off, digest = chance.choice(world.sign_offs)
    what = "reject" if chance.random() < 0.15 else "approve"
    await _decide(recorder, chance.choice(("bob", "carol")), what, sign_off, digest)


async def _revoke(recorder: Recorder, world: World, chance: random.Random) -> None:
    if world.sign_offs:
        sign_off, digest = chance.choice(world.sign_offs)
        await _decide(recorder, chance.choice(("bob", "carol")), "revoke", sign_off, digest)


async def _decide(recorder: Recorder, who: str, what: str, sign_off: str, digest: str) -> None:
    about = {"digest": digest, "sign_off_id": sign_off, "environment": ENVIRONMENT}
    await recorder.ask(who, what, "approval", f"/v1/sign-offs/{sign_off}/{what}", WHY, about)


async def _ask_the_gate(recorder: Recorder, world: World, chance: random.Random) -> None:
    """With a new key, a key that was used before for the same version, or none."""
    if not world.versions:
        return
    version, digest = chance.choice(world.versions)
    key: str | None = f"deploy-{chance.getrandbits(64):x}" if chance.random() < 0.6 else None
    if world.keys and chance.random() < 0.3:
        key, version = chance.choice(world.keys)
        digest = next((bytes_ for one, bytes_ in world.versions if one == version), "")
    elif key:
        world.keys.append((key, version))
    about = {"version_id": version, "environment": ENVIRONMENT, **({"digest": digest} if digest else {})}
    await recorder.ask("ci", "gate", "approval", "/v1/gate", {"environment": ENVIRONMENT, "version_id": version}, about, key)
