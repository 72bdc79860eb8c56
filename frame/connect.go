package frame

import (
	"context"
	"errors"
	"sync/atomic"
)

// Connector makes the Runner of a cluster's address.
type Connector func(ctx context.Context, address string) (Runner, error)

var currentConnector atomic.Pointer[Connector]

// SetConnector says how Connect connects; nil takes that back.
func SetConnector(c Connector) {
	if c == nil {
		currentConnector.Store(nil)
		return
	}
	currentConnector.Store(&c)
}

// Connect makes all frames run on a Ray cluster from now on, those that exist too:
//
//	frame.Connect("HOST:6379")        // from a machine of the cluster, with its versions of Ray and Python
//	frame.Connect("http://HOST:8265") // from anywhere: through the cluster's job API
//	frame.Connect("ray")              // a cluster on this machine, which ends with the session
//	frame.Connect("local")            // in this process again
//
// Where it fails, everything stays as it was.
func Connect(address string) error {
	c := currentConnector.Load()
	if c == nil {
		return errors.New("Connect: this process has no engine to change") //nolint:staticcheck // begins with the function's name
	}
	r, err := (*c)(cellContext(), address)
	if err != nil {
		return err
	}
	SetRunner(r)
	return nil
}
