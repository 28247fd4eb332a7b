"""An HTTP request and its caller's Kubernetes token -> rows of the metastore, or a change of a custom resource.

    request -> limits -> identity -> authorise -> route -> queries -> metastore (reads alone)
                                        |           +--> actions -> API server, as the caller
                                        +--> API server: may this caller do this here?

The process has no power of its own. Whatever is shown or changed was allowed to the caller by the API server's own
review a few seconds ago at most.
"""
