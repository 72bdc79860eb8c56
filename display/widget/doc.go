// Package widget gives cells sliders, buttons, progress bars and other controls, which live in the notebook and in Go at once.
//
//	n := widget.IntSlider("rows", 1, 100, 10)
//	n.OnChange(func(v int) { fmt.Println("now", v) })
//	widget.VBox(n, widget.Button("again").OnClick(func() { fmt.Println(n.Value()) }))
//
// A widget is shown by being the last value of a cell, or by display.Show. Functions given to OnClick and OnChange are called while
// cells run and between them, one after the other; of several changes that wait, the newest is told. What they print and show
// appears at the cell that gave them, and so does a panic. One that takes long starts a goroutine, so that others are heard.
//
// It speaks the protocol of Jupyter's widgets (version 2.1.0): any front end that shows those of ipywidgets shows these. There is
// no Python in the kernel.
//
//	cell ─► Int, Float, ... ─► model: state ─► flush: coalesced, paced ─► comm ─► front ends
//	cell ◄─ OnChange ◄─ queue ◄─ model.receive: validated, echoed ◄────── comm ◄─ a front end
//
// Invariants: what a front end says is validated before it is the state; at most 200 updates a second leave, the newest of each
// widget; a widget without a cell (in compiled Go) only keeps its state. Read model.go first, then value.go.
package widget
