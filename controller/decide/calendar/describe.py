"""A Schedule -> its text in a column of `kubectl get dags`."""

from controller.model.schedule import Schedule


def describe(schedule: Schedule) -> str:
    """The schedule in one short line: `0 6 * * *`, `@daily`, `every 6h`, `3 crons`."""
    if schedule.every is not None:
        return f"every {schedule.model_dump(mode='json', include={'every'})['every']}"
    crons = (schedule.cron,) if schedule.cron is not None else schedule.crons or ()
    return " ".join(crons[0].split()) if len(crons) == 1 else f"{len(crons)} crons"
