"""Two pull requests, three official SDKs, one gateway: what the broker does, in twenty seconds."""
