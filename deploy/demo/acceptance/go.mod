module slipway/deploy/demo/acceptance

go 1.26
