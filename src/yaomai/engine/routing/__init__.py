"""Routes over one or several days: who is met on which day, in which order."""

from .problem import Instance, RoutingProblem, Stop, read_periodic, read_windows
from .solving import Routing, solve_routing

__all__ = ["Instance", "Routing", "RoutingProblem", "Stop", "read_periodic", "read_windows", "solve_routing"]
