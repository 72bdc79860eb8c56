// Package pipe is the wire between the kernel and its session process: frames of JSON over a stream socket.
//
//	kernel process                              session process
//	supervisor ── execute, complete, comm ────► interp.Serve          main pipe (fd 3)
//	           ◄─ stream, show, comm, done ────
//	           ── interrupt, ping ────────────►                       control pipe (fd 4)
//	           ◄─ pong ────────────────────────
//
// Invariants: a frame is four bytes of length (big endian) and that many bytes of JSON, which buffers of comms follow as they are; a length over MaxFrame is
// refused before anything is allocated; writes of one Conn never interleave. Read message.go first.
package pipe
