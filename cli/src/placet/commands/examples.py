"""Examples at the end of `--help` for the commands of this distribution."""

from collections.abc import Mapping, Sequence

__all__ = ["EXAMPLES"]

ID = "01a2208a-b460-7534-8680-090aeef52d35"

_START = {
    "up": ("placet up", "placet up --data-dir ~/placet-data"),
    "demo": ("placet demo",),
    "init": ("placet init churn --artifact models/churn.onnx", "placet init churn -e prod --trained-by alice --data train=train.csv"),
}
_REGISTERED = {
    "register": (
        "placet register churn churn.onnx --trained-by alice",
        "placet register churn churn.onnx --data train=train.csv --metric auc=0.91",
        "placet register churn model.ubj --format xgboost",
    ),
    "upload": ("placet upload test.csv",),
    "models": ("placet models", "placet models show churn"),
    "models list": ("placet models list", "placet models list --environment prod"),
    "models show": ("placet models show churn",),
    "models tag": ("placet models tag churn team=growth",),
    "models untag": ("placet models untag churn team",),
    "versions": ("placet versions list churn", "placet versions show churn/1"),
    "versions list": ("placet versions list churn", 'placet versions list --digest "$(sha256sum churn.onnx | cut -c-64)"'),
    "versions show": ("placet versions show churn/1",),
    "versions add-lineage": (
        "placet versions add-lineage churn/1 --trained-by alice",
        "placet versions add-lineage churn/1 --data train=train.csv",
    ),
    "datasets": ("placet datasets", "placet datasets add test.csv --name churn-test --role test"),
    "datasets list": ("placet datasets list", "placet datasets list --role test"),
    "datasets show": ("placet datasets show churn-test",),
    "datasets add": (
        "placet datasets add test.csv --name churn-test --role test",
        "placet datasets add may.parquet --name churn-reference --role reference",
    ),
    "environments": ("placet environments", "placet environments define staging --after test"),
    "environments list": ("placet environments list",),
    "environments define": ("placet environments define staging --after test",),
    "deployments": ("placet deployments -e prod", f"placet deployments end {ID}"),
    "deployments list": ("placet deployments list -e prod", "placet deployments list --model churn"),
    "deployments report": ("placet deployments report churn/1 -e prod",),
    "deployments end": (f"placet deployments end {ID} --reason replaced",),
}
_DECIDED = {
    "apply": ("placet apply -f plan.yaml --dry-run", "placet apply -f policy.yaml --yes", "placet apply -f governance/"),
    "verify": (
        "placet verify churn/1 -e test",
        "placet verify churn/1 -e prod --plan opens-safely",
        "placet verify churn/1 -e prod --report report.html",
    ),
    "try": ("placet try churn/1 -e test --row age=34,income=52000", "placet try churn/1 -e test --rows rows.csv"),
    "policies": ("placet policies", "placet policies show prod"),
    "policies list": ("placet policies list",),
    "policies show": ("placet policies show prod",),
    "plans": ("placet plans for churn -e prod", "placet plans new churn/1 --data test.csv -e test"),
    "plans list": ("placet plans list", "placet plans list -e prod"),
    "plans show": ("placet plans show opens-safely",),
    "plans for": ("placet plans for churn -e prod", "placet plans for churn/1 -e prod"),
    "plans new": ("placet plans new churn/1 --data test.csv -e test > plan.yaml",),
    "plans withdraw": ("placet plans withdraw opens-safely --reason 'replaced by a stricter plan'",),
    "checks": ("placet checks", "placet checks history churn auc -e prod"),
    "checks list": ("placet checks list",),
    "checks history": ("placet checks history churn auc -e prod",),
    "runs": ("placet runs --model churn", f"placet runs report {ID} -f report.html"),
    "runs list": ("placet runs list --model churn", "placet runs list -e prod --status failed"),
    "runs show": (f"placet runs show {ID}",),
    "runs cancel": (f"placet runs cancel {ID} --reason 'wrong data'",),
    "runs report": (f"placet runs report {ID}", f"placet runs report {ID} -f report.html"),
    "attestations": ("placet attestations list churn/1", "placet attestations add tests.dsse.json"),
    "attestations list": ("placet attestations list churn/1",),
    "attestations add": ("placet attestations add tests.dsse.json",),
    "attestations save": ('placet attestations save "$SHA256" tests.dsse.json',),
    "inbox": ("placet inbox", "placet inbox --as bob --limit 50"),
    "signoff": (
        "placet signoff request churn/1 -e prod -r 'better than last year'",
        "placet signoff list --mine",
        "placet signoff show churn/1 -e prod",
    ),
    "signoff request": ("placet signoff request churn/1 -e prod -r 'better than last year'",),
    "signoff list": ("placet signoff list --mine", "placet signoff list --open -e prod"),
    "signoff show": ("placet signoff show churn/1 -e prod", f"placet signoff show {ID}"),
    "signoff approve": ("placet signoff approve churn/1 -e prod -r 'the report convinces me'",),
    "signoff reject": ("placet signoff reject churn/1 -e prod -r 'worse for those under 25'",),
    "signoff withdraw": ("placet signoff withdraw churn/1 -e prod",),
    "signoff revoke": ("placet signoff revoke churn/1 -e prod -r 'drifted since May'",),
    "signoff lineage": ("placet signoff lineage churn/1 -e prod --verdict set_aside -r 'a namesake'",),
    "signoff comment": ("placet signoff comment churn/1 -e prod -t 'why is age so important?'",),
    "people": ("placet people", "placet people add frank --role reviewer"),
    "people list": ("placet people list",),
    "people show": ("placet people show bob",),
    "people add": ("placet people add frank --role reviewer --display-name 'Frank N.'",),
    "people roles": ("placet people roles frank --role reviewer --role risk-officer",),
    "people deactivate": ("placet people deactivate frank",),
    "accounts": ("placet accounts", "placet accounts add jenkins --role pipeline --into jenkins.token"),
    "accounts list": ("placet accounts list",),
    "accounts add": ("placet accounts add jenkins --role pipeline --into jenkins.token",),
    "accounts roles": ("placet accounts roles jenkins --role pipeline --role developer",),
    "accounts deactivate": ("placet accounts deactivate jenkins",),
    "tokens": ("placet tokens", "placet tokens issue frank --into frank.token"),
    "tokens list": ("placet tokens list", "placet tokens list --holder frank"),
    "tokens issue": ("placet tokens issue", "placet tokens issue frank --into frank.token"),
    "tokens revoke": (f"placet tokens revoke {ID} --reason leaked",),
}
_AUDITED = {
    "audit": ("placet audit timeline --model churn", "placet audit as-of --time 2026-11-01T00:00:00Z"),
    "audit timeline": ("placet audit timeline --model churn", "placet audit timeline --actor bob --result refused"),
    "audit as-of": ("placet audit as-of --time 2026-11-01T00:00:00Z", "placet audit as-of --time 2026-11-01T00:00:00Z -e prod"),
}
_OPERATED = {
    "doctor": ("placet doctor",),
    "logs": ("placet logs", "placet logs approval-service --since 10m", "placet logs -f"),
    "psql": ("placet psql", "placet psql -c 'select * from audit.timeline limit 5'"),
    "rebuild": ("placet rebuild approval sign-offs",),
    "parked": ("placet parked", "placet parked retry approval:registry:17"),
    "parked list": ("placet parked list", "placet parked list --service approval"),
    "parked show": ("placet parked show approval:registry:17",),
    "parked retry": ("placet parked retry approval:registry:17",),
    "parked skip": ("placet parked skip approval:registry:17 -r 'a duplicate of event 16'",),
    "restore": ("placet restore show", "placet restore apply -r 'reviewed with the auditors'"),
    "restore show": ("placet restore show",),
    "restore apply": ("placet restore apply -r 'reviewed with the auditors'",),
    "restore declare": ("placet restore declare",),
}

EXAMPLES: Mapping[str, Sequence[str]] = {**_START, **_REGISTERED, **_DECIDED, **_AUDITED, **_OPERATED}
