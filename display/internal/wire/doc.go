// Package wire is the session's end of comms: which are open, who takes what comes, and in whose name it is taken.
//
//	front end ─► kernel ─► Deliver ─┬─ Port.Receive: at once, in order (the state of a widget)
//	                                └─ Delivery.Call ─► queue ─► Owner.Run: functions of cells, one after the other
//	front end ◄─ kernel ◄─ Owner.Send ◄─ Port.Send
//
// Invariants: Deliver never waits for a function of a cell; such functions run one at a time, in the order of what caused
// them; of several calls with the same key that wait, the newest is made. Read port.go first, then queue.go.
package wire
