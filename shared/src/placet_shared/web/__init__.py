"""The HTTP shell that all services share: problems, identity, commands, conditional reads, pages, health, server.

The way of a request:

    server.serve → application.create_app → RequestContext → BodyLimit → a service's api → commands.run_command → event store
"""
