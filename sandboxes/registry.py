"""Every sandbox provider there is: one visible tuple. Empty until the first real provider is built."""

from __future__ import annotations

from sandboxes.base import SandboxProvider

PROVIDERS: tuple[SandboxProvider, ...] = ()
