"""The use cases, one file each.

request or cause                                  use case
POST /v1/plans                                    publish_plan
POST /v1/plans/{name}/withdrawal                  withdraw_plan
POST /v1/verifications                            request_verification
POST /v1/runs                                     request_run, in request_verification
POST /v1/runs/{run_id}/cancel                     cancel_run
POST /v1/attestations                             record_attestation
the worker has verified a model, or gives up      conclude_run
"""
