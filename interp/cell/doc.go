// Package cell turns the text of a notebook cell into pieces that yaegi can compile one after the other.
//
//	text ─► Split ─► segments ─► Lower ─► items: declarations first, then statements, each with its position
//
// Invariants: every byte of a lowered item that comes from the cell is preceded by a line directive that gives its
// line and column there, so that messages and traces name places in the cell; a declaration comes as early as what it
// needs allows; nothing here knows what earlier cells declared. Read split.go first, then lower.go.
package cell
