"""The use cases, one file each, named by their verbs.

    request                                    → use case             → events
    POST   /v1/models                            register_model         ModelNameReserved, ModelRegistered
    PUT    /v1/models/{id}/description           describe_model         ModelDescribed
    PUT    /v1/models/{id}/tags/{key}            tag_model              ModelTagged
    POST   /v1/models/{id}/qualify               qualify_model          ModelTagged …, ModelQualified
    DELETE /v1/models/{id}/tags/{key}            untag_model            ModelUntagged
    POST   /v1/models/{id}/versions              register_version       VersionNumbered, VersionRegistered
    POST   /v1/versions/{id}/lineage             add_lineage            LineageAdded
    PUT    /v1/blobs/{sha256}, POST /v1/blobs    store_blob             BlobStored
    POST   /v1/datasets                          register_dataset       DataSetRegistered
    POST   /v1/environments, start               define_environment     EnvironmentDefined
    POST   /v1/deployments                       report_deployment      DeploymentReported
    POST   /v1/deployments/batch                 report_deployments     DeploymentReported, DeploymentEnded
    POST   /v1/deployments/{id}/end              end_deployment         DeploymentEnded

Each may run more than once for one request, when a concurrent command changed what it had read: it has no effect but through its
unit of work.
"""
