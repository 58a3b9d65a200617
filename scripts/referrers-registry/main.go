// A registry with the referrers API, in memory, for tests: the one of go-containerregistry.
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

// The argument is where it listens, such as 127.0.0.1:5000.
func main() {
	quiet := registry.Logger(log.New(os.Stderr, "", 0))
	log.Fatal(http.ListenAndServe(os.Args[1], registry.New(registry.WithReferrersSupport(true), quiet)))
}
