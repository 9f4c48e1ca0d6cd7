"""The AsyncAPI 3.0 document of what services publish, made from the contracts: on Kafka topics and over each service's feed.

contracts.catalogue → data_schemas + attribute_schemas → document → route (`/asyncapi.json`) and docs/asyncapi.yaml
"""

from placet_shared.asyncapi.document import asyncapi_document
from placet_shared.asyncapi.route import asyncapi_router

__all__ = ["asyncapi_document", "asyncapi_router"]
