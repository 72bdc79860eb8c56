// Package zmtp serves ZeroMQ sockets (ROUTER, PUB, REP) to peers that may be slow, dead or hostile.
//
//	net.Listener ─► accept ─► zmq4.Open (greeting, our NULL handshake) ─► Peer
//	                                                                     ├ reader ─► Handle(peer, message)
//	                                              Peer.Send ─► queue ─► ├ writer ─► socket
//	Server ◄─ Router (identity → peer) · Publisher (prefix subscriptions) · Echo (heartbeat)
//
// The handshake and the connection are zmq4's; the framing after it is here, because zmq4 allocates whatever size a
// peer claims, and its sockets lose queued messages at Close and let one stalled subscriber stop all others.
//
// Invariants:
//  1. Nothing is allocated for bytes that have not arrived, beyond one step of 1 MiB; sizes over Limits end the peer.
//  2. Send never blocks. What a Peer holds is bounded by whoever calls it: Publisher.Throttle, Echo, Router's limit.
//  3. Messages given to Send are shared between peers and never changed afterwards.
//  4. Close delivers what was queued before it: the queues are written, the sending side is shut down, and the
//     connection is closed when the peer has closed its own (closing earlier may reset what is still in flight).
//
// Read server.go first, then peer.go.
package zmtp
