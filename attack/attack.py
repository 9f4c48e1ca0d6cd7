"""Attacks an installation of its own with races, faults and restores from a seed, and judges the history; `make attack`."""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import httpx

from attacking.history import History, Restored, Seen
from attacking.judging import judge
from attacking.machine import SOURCES, Machine
from attacking.races import World, act, prepare
from attacking.recorder import Recorder, read_audit_log, read_log
from placet_shared.testing import traversable_folder

CLIENTS = 12
PAUSE_BETWEEN_FAULTS = (1.0, 5.0)
STOPPED_SECONDS = (0.5, 4.0)
SETTLES_WITHIN = 180.0
VICTIMS = ("registry", "approval", "audit", "postgres")


async def race(recorder: Recorder, world: World, seed: str, until: float) -> None:
    """One client, with a random generator of its own."""
    chance = random.Random(seed)
    while time.monotonic() < until:
        await act(recorder, world, chance)
        if recorder.operations[-1].answered is None:
            await asyncio.sleep(0.05)  # the killed process is being started again


async def break_things(machine: Machine, chance: random.Random, until: float) -> Counter[str]:
    """Kill and stop processes until the time is over; everything runs again then."""
    done: Counter[str] = Counter()
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left, chance.uniform(*PAUSE_BETWEEN_FAULTS)))
        victim = chance.choice(VICTIMS)
        if chance.random() < 0.5:
            machine.send(victim, signal.SIGKILL)
            done[f"kill -9 {victim}"] += 1
            continue
        machine.send(victim, signal.SIGSTOP)
        await asyncio.sleep(chance.uniform(*STOPPED_SECONDS))
        machine.send(victim, signal.SIGCONT)
        done[f"stop {victim}"] += 1
    return done


async def follow(recorder: Recorder, until: float) -> None:
    """A reader that polls all feeds, and records which event stood at which position."""
    while time.monotonic() < until:
        for source in SOURCES:
            with suppress(httpx.HTTPError, ValueError):
                for event in await read_log(recorder.client, recorder.machine, source):
                    recorder.seen[Seen("a follower", source, event.epoch, event.position, event.id)] = None
        await asyncio.sleep(0.5)


async def attack_for(recorder: Recorder, world: World, seed: str, seconds: float) -> Counter[str]:
    """Races and faults at the same time."""
    until = time.monotonic() + seconds
    faults = asyncio.create_task(break_things(recorder.machine, random.Random(f"{seed} faults"), until))
    clients = [race(recorder, world, f"{seed} client {number}", until) for number in range(CLIENTS)]
    await asyncio.gather(follow(recorder, until), *clients)
    done = await faults
    await asyncio.to_thread(recorder.machine.wait_until_ready)
    return done


async def copy(recorder: Recorder, place: Path) -> dict[str, int]:
    """A copy of the whole data folder of a stopped machine, and the position of each source in it."""
    kept = {source: (await read_log(recorder.client, recorder.machine, source))[-1:] for source in SOURCES}
    await asyncio.to_thread(recorder.machine.stop)
    await asyncio.to_thread(recorder.machine.copy_to, place)
    await asyncio.to_thread(recorder.machine.start)
    return {source: last[0].position if last else 0 for source, last in kept.items()}


async def restore(recorder: Recorder, place: Path, kept: dict[str, int]) -> list[Restored]:
    """A power cut, the loss of the folder, and a restore from the copy."""
    await asyncio.to_thread(recorder.machine.kill_everything)
    at = time.monotonic_ns()
    await asyncio.to_thread(recorder.machine.put_back, place)
    await asyncio.to_thread(recorder.machine.start)
    return [Restored(source, position, at) for source, position in kept.items()]


async def collected(recorder: Recorder, seed: int, restored: list[Restored]) -> History:
    """The logs as they are now, and the audit log once it has caught up."""
    machine, client = recorder.machine, recorder.client
    log = {source: await read_log(client, machine, source) for source in SOURCES}
    wanted = {event.id for events in log.values() for event in events}
    audited = await read_audit_log(client, machine)
    deadline = time.monotonic() + SETTLES_WITHIN
    while not wanted <= {entry.id for entry in audited} and time.monotonic() < deadline:
        await asyncio.sleep(1)
        audited = await read_audit_log(client, machine)
    heads = {source: events[-1].position if events else 0 for source, events in log.items()}
    audited = [entry for entry in audited if entry.position <= heads[entry.source]]
    return History(seed, recorder.operations, log, audited, list(recorder.seen), restored)


async def attack(machine: Machine, seed: int, seconds: float, with_restore: bool) -> tuple[History, Counter[str]]:
    """A third of the time before the copy, a third of which is lost, and a third after the restore."""
    async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=64)) as client:
        recorder = Recorder(machine, client)
        world = await prepare(recorder, random.Random(f"{seed} world"))
        if not with_restore:
            done = await attack_for(recorder, world, f"{seed}", seconds)
            return await collected(recorder, seed, []), done
        done = await attack_for(recorder, world, f"{seed} kept", seconds / 3)
        place = machine.folder.parent / "copy"
        kept = await copy(recorder, place)
        done += await attack_for(recorder, world, f"{seed} lost", seconds / 3)
        restored = await restore(recorder, place, kept)
        done += await attack_for(recorder, world, f"{seed} after", seconds / 3)
        return await collected(recorder, seed, restored), done + Counter({"restore": 1})


def tell(history: History, done: Counter[str], keep: Path) -> int:
    """The operations and the violations; the history is kept when there are violations."""
    answers = Counter(f"{one.what} {one.status or 'without an answer'}" for one in history.operations)
    print(f"seed {history.seed}: {len(history.operations)} requests, {sum(len(events) for events in history.log.values())} events")
    print("  answers: " + ", ".join(f"{count} {name}" for name, count in sorted(answers.items())))
    print("  yes: " + str(sum(one.allowed and one.what == "gate" for one in history.operations)))
    print("  faults: " + ", ".join(f"{count} {name}" for name, count in sorted(done.items())))
    violations = judge(history)
    for violation in violations[:20]:
        print(f"  {violation.kind}: {violation.detail}")
    print(f"{len(violations)} violations: {dict(Counter(one.kind for one in violations))}" if violations else "no promise was broken")
    if violations:
        history.write(keep)
        print(f"the history is kept in {keep}")
    return 1 if violations else 0


def main() -> int:
    """Exit code 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="by default another one each time")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--no-restore", action="store_true")
    parser.add_argument("--judge", type=Path, help="judge a history that was kept, and attack nothing")
    told = parser.parse_args()
    if told.judge:
        return tell(History.read(told.judge), Counter(), told.judge)
    seed = random.SystemRandom().randrange(2**31) if told.seed is None else told.seed
    with traversable_folder("placet-attack-") as outside:
        machine = Machine(outside / "data")
        try:
            machine.start()
            history, done = asyncio.run(attack(machine, seed, told.seconds, not told.no_restore))
            return tell(history, done, Path(tempfile.gettempdir()) / f"placet-attack-{seed}.json")
        finally:
            machine.stop()


if __name__ == "__main__":
    sys.exit(main())
