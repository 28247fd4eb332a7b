"""The bare machine -> a cluster built from source, whose parts run as processes.

    packages, builds, images -> pki, configs, network -> parts -> addons
                       lifecycle joins them; ruins takes everything away again

| to change                                | open                                    |
| ---------------------------------------- | --------------------------------------- |
| a version                                | ../go/MODULE/go.mod, then `go mod tidy` |
| a flag of a part, or the order of starts | parts.py                                |
| a part's configuration file              | configs.py                              |
| who may do what, DNS, the StorageClass   | ../manifests/addons.yaml                |
| an address or a port                     | addresses.py                            |
| what the base image contains             | images.py                               |
| what `down` removes                      | ruins.py                                |
| how fake nodes and their Pods behave     | ../manifests/kwok.yaml                  |
"""
