"""What can be done here, one file per use case.

request or cause                                  use case
POST /v1/plans                                    publish_plan
POST /v1/runs                                     request_run
the worker has tried a model, or gives it up      conclude_run
"""
