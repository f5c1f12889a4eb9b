"""Options of the commands that speak with a provider elsewhere: those of `understudy drift --live`."""

from understudy.specs.cli.network import Network, network_options

__all__ = ["Network", "network_options"]
