"""Networks that are no lines, solved exactly: assembly, shared parts and machines, service times on trees. Imports `serial`."""

from .assembly import Assembly, AssemblyOptimum
from .guaranteed_service import ServiceTimes, guaranteed_service, longest_times
from .making import Made
from .one_machine import MachineOptimum, machine_bound, machine_optimum, modified_base_stock
from .shared_part import SharedPart, SharedPartOptimum

__all__ = [
    "Assembly",
    "AssemblyOptimum",
    "MachineOptimum",
    "Made",
    "ServiceTimes",
    "SharedPart",
    "SharedPartOptimum",
    "guaranteed_service",
    "longest_times",
    "machine_bound",
    "machine_optimum",
    "modified_base_stock",
]
