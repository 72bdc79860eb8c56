// Package comm is for cells that talk to a front end by comms, Jupyter's channels for messages of any kind: widgets of other
// makers, or extensions of a front end.
//
//	c, err := comm.Open("my.target", map[string]any{"hello": 1})
//	c.OnMessage(func(m comm.Message) { c.Send(map[string]any{"got": len(m.Buffers)}, []byte{1, 2, 3}) })
//	comm.Listen("my.other", func(c *comm.Comm, open comm.Message) { ... })
//
// The functions that a cell gives are called while cells run and between them, one after the other, in the order of what came. What
// they print and show appears at the cell that gave them, and so does a panic. Read comm.go.
package comm
