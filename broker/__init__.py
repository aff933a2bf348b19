"""Everything that knows an environment (the tenant): gateway, policy, bindings, storage, workflows, control API, CLI."""
