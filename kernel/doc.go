// Package kernel speaks the Jupyter messaging protocol 5.5 for an Interpreter. It never runs user code.
//
//	front end ─► zmtp ─► decode, verify ─┬─ shell ─► queue ─► dispatch, one at a time ─► Interpreter
//	                                     ├─ control ────────► dispatch, at once (interrupt, shutdown)
//	                                     └─ stdin ──► the cell that waits in Cell.Input
//	front end ◄─ zmtp ◄─ sign ◄── reply · iopub publisher ◄── Cell (streams merged, displays, result, error)
//
// Invariants:
//  1. Every request on shell and control is wrapped in busy and idle with its own header as parent. Its idle is the
//     last message: what the Cell has merged is flushed before the reply.
//  2. The requests of a shell are handled strictly in order, but kernel_info_request and messages of comms, which
//     never wait for a cell; nor do control, heartbeat and subshells. Cells wait for each other. Whatever else ends while a cell
//     runs, the last state that front ends have heard is busy.
//  3. IOPub has one order, and nothing of it is lost at shutdown: the publisher is drained before Run returns.
//  4. A message whose signature is wrong, or that is malformed, is dropped and logged; it changes nothing.
//  5. A panic of the Interpreter fails its cell, not the kernel.
//
// Read kernel.go first, then dispatch.go, execute.go and cell.go. interpreter.go is the contract with the language.
package kernel
