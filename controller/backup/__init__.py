"""The cluster's resources and the metastore's rows -> one file, and back.

backup     resources.py, rows.py  ->  file.py  ->  place.py
restore    place.py  ->  file.py  ->  rows.py, recreate.py  ->  rekey.py
"""
