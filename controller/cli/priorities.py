"""`slipway priorities FILE`: a Dag -> each task's effective weight."""

from controller.cli.manifest import load_dag
from controller.cli.output import check_format, print_json, print_table
from controller.decide.priority import priorities


def show_priorities(file: str, output: str) -> None:
    """Print the weights, the table with the first in the queue on top."""
    check_format(output)
    weights = priorities(load_dag(file).plan)
    if output == "json":
        print_json(weights)
        return
    rows = sorted(weights.items(), key=lambda item: -item[1])
    print_table(("TASK", "WEIGHT"), [(task, str(weight)) for task, weight in rows])
