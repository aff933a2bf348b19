"""Everything that knows an environment (the tenant): gateway, policy, storage, workflows, control API, CLI."""
