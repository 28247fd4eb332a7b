module slipway.dev/tests/cluster/go/pause

go 1.24.0
