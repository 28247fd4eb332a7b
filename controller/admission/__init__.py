"""What the API server asks before it stores a Dag or a run -> who wrote it is noted, and faults are refused.

    API server --AdmissionReview--> server.py --> kopf --> handlers.py --> stamps.py, dags.py, runs.py
                                       |
                 certificate.py --> keeper.py --> one Secret, two webhook configurations

It runs in each replica, in kopf's thread, and nothing depends on it: while it can't be reached the API server goes on
without it (failurePolicy Ignore), and the controller judges the same again from what is stored.
"""

from controller.admission.handlers import register
from controller.admission.place import Place
from controller.admission.server import AdmissionServer

__all__ = ["AdmissionServer", "Place", "register"]
