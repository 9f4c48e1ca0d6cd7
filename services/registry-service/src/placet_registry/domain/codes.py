"""What the problems mean that only registry-service answers with."""

from placet_shared.explained_codes import explained

__all__ = ["CODES"]

CODES = (
    *explained(
        "problem",
        "services/registry-service/README.md",
        {
            "model_not_found": (
                "There is no model of this name or id.",
                "See `placet models list`; `placet register MODEL FILE` makes one.",
            ),
            "model_name_taken": ("The name belongs to another model.", "Register a version of that model, or choose another name."),
            "version_not_found": ("There is no such version.", "See the versions of the model: `placet versions list MODEL`."),
            "blob_not_found": ("The registry keeps no bytes of this digest.", "Upload them: `placet upload FILE`."),
            "blob_not_uploaded": ("A data set names bytes that the registry does not keep.", "Upload them first: `placet upload FILE`."),
            "artifact_not_uploaded": (
                "A version names bytes that the registry does not keep.",
                "Upload them first, `placet upload FILE`; or give `uri` and `size` when they are kept elsewhere.",
            ),
            "blob_too_large": (
                "The file has more bytes than the registry keeps.",
                "Keep it elsewhere and register it by reference (uri, sha256, size), or have the limit raised (docs/settings.md).",
            ),
            "blob_missing": (
                "The bytes were stored, and are not where blobs are kept now.",
                "Restore the folder of blobs from the back-up that fits the database's, or upload the same bytes again.",
            ),
            "artifact_mismatch": (
                "What was reported as deployed has other bytes than the version that is named.",
                "Find out what really runs: deploy the registered artifact, or register these bytes as a version.",
            ),
            "artifact_unknown": ("No version has these bytes.", "Register them as a version of a model before they are deployed."),
            "artifact_ambiguous": ("Several versions have these bytes.", "Name the version that was deployed."),
            "version_facts_too_large": (
                "Signature and lineage of the version are larger than may be kept with it.",
                "Upload what is large as a blob and name it in `lineage.data` by its digest.",
            ),
            "dataset_facts_too_large": (
                "The facts about the data set are larger than may be kept with it.",
                "Leave the columns out: the data name them too.",
            ),
            "dataset_not_found": ("There is no data set of this name, or no such version of it.", "See `placet datasets list`."),
            "dataset_name_taken": (
                "The name of the data set belongs to another person.",
                "Choose another name; or ask its owner, or an admin, to register the version.",
            ),
            "owner_required": ("A data set belongs to a person, and a service account is none.", "Name the owner, by id or name."),
            "environment_exists": (
                "An environment of this name is defined already.",
                "Use it as it is, or choose another name; an environment keeps its place for ever.",
            ),
            "environment_unknown": ("There is no environment of this name.", "See `placet environments list`."),
            "environment_not_found": (
                "There is no environment of this name.",
                "See `placet environments list`; an admin defines one: `placet environments define NAME`.",
            ),
            "deployment_not_found": ("There is no such deployment.", "See `placet deployments list`."),
            "deployment_ended": ("The deployment was ended before.", "Nothing is left to do."),
            "model_twice": (
                "Two of the versions that were reported at once are of the same model, and only one can run in an environment.",
                "Report the one that runs.",
            ),
            "other_environment": (
                "A deployment that was reported to have ended runs in another environment than the report is about.",
                "Report what happens in one environment at a time.",
            ),
            "tag_not_found": ("The model has no tag of this key.", "Letter case matters; see `placet models show MODEL`."),
            "tag_reserved": (
                "A governance tag is set and removed by admins alone.",
                "Use a key that does not begin with governance/, or ask an admin.",
            ),
            "too_many_tags": ("The model has as many tags as it may.", "Remove one that is no longer of use: `placet models untag`."),
            "person_unknown": (
                "There is no active person of this name or id.",
                "Name a person as `placet people list` shows them, or ask an admin to add them: `placet people add`.",
            ),
            "people_unavailable": (
                "approval-service, which knows all people, does not answer, so names of people can't be looked up.",
                "Try again in a moment; see `placet status`.",
            ),
        },
    ),
)
