// Package ray is the engine on a Ray cluster.
//
//	session ── frames ──► glue (Python, Ray's driver) ── tasks ──► Ray worker (Python) ── datagrams ──► rivulet worker
//	 Engine               owns the references to blocks             one per slot, warm    shared memory   distrib.Lane
//
// A task is a Ray generator (num_returns="streaming"): each block goes into Ray's object store when the child has made
// it, and a note of it (identity, rows, bytes) to the session at once. The session fetches the blocks that it reads
// itself, and passes the others on by number: task to task they never come near it. The glue is embedded here, needs
// no Python package but ray, and ships the executable of the session through Ray, once a node.
//
// Invariants:
//  1. A stream is read only against credit, and Ray stops a generator whose objects are not read: a consumer that waits
//     holds up its task, not the glue.
//  2. A task's own errors are notes. Whatever Ray raises means that a worker, a node or a block was lost; Ray runs the task
//     again first, from its first block, and leaves out what was delivered.
//  3. Whatever ends the session ends the glue, that the workers, and those their children: each sees the end of its
//     socket. The executable of a node is a memory file and goes with the last process that uses it.
//  4. When Submit's sequence has ended, its child has said that it has stopped.
//
// Read engine.go and submit.go first, then session.go for the glue's side of the socket and child_linux.go for the worker's.
// Python: glue/driver.py, glue/worker.py.
package ray
