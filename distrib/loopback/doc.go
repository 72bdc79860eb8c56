// Package loopback is an engine whose tasks take the way to other processes without leaving this one: requests and blocks are
// bytes, workers share nothing with the session, and nodes are lost when told. Tests run over it what runs on clusters.
//
//	Submit ─► worker.Encode ─► bytes ─► node: worker.Run ─► block (bytes) ─► Get
//
// Read engine.go, then node.go.
package loopback
