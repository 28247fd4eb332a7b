"""What each page asks of the metastore: one function for each question, a session in and answers out."""
