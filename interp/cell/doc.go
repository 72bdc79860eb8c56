// Package cell looks at the text of a notebook cell without its types.
//
//	text ─► Magics ─► the lines for Rivulet, and Go ─► Split ─► imports, declarations, statements
//	text ─► IsComplete ─► whether Enter runs it      text, a panic ─► Locate ─► where it may have come from
//
// Invariants: segments are in order and do not overlap; between them are only space, comments and semicolons. Read
// split.go first.
package cell
