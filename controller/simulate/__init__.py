"""A Dag and what its tasks will do -> what Slipway makes of it: the real deciders and loop, no cluster, no waiting.

cluster.py     objects in memory, with the rules of the API server that Slipway leans on
session.py     one controller's connection to it: what `act` writes through, and what a kill cuts off
patches.py     merge patch and JSON patch
outside.py     what sensors look at, or how they end
kubelet.py     the Pods of that cluster begin, and end as they are told
clock.py       time that jumps to the next instant at which something happens
world.py       all of it joined, with a controller that can be killed and started anew
run.py         one run of one Dag, and its timeline
"""
