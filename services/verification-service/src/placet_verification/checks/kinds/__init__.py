"""The kinds of checks that come with the service, one a module; each has its `KIND`."""
