package starter_test

import (
	"context"
	"fmt"
	"log"

	"slipway/release"
	"slipway/starter"
)

// A program follows a release and tells what it waits for.
func ExampleClient_Watch() {
	ctx := context.Background()
	client, err := starter.Dial(ctx, starter.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	record, err := client.Watch(ctx, "httpbin@2.26.0", starter.Observer{
		Changed: func(r release.Record) {
			for _, wait := range r.Awaiting {
				fmt.Println(wait.Key(), "needs", wait.Needs)
			}
		},
	})
	fmt.Println(record.Outcome, err)
}
