"""What Airflow's own code says, recorded in facts/*.txt, against what ours says.

made.py     random graphs, the same ones for the same seed
asked.py    run by an interpreter that has Airflow: questions -> facts/*.txt
slots.py    the questions about schedules
facts/      the answers of Airflow 3.3.2
"""
