// Package display turns values and running results into what a notebook shows.
//
//	cell's last value ─► Value ─────────────────────────────► Bundle ─► Surface.Show
//	Frame (Watcher)   ─► Run: snapshots ─► view ─► grid ────► Bundle ─► Surface.Show, Update, Update, ...
//	                          newest wins, paced              text/html + text/plain + metadata
//
// Show, HTML, Markdown, JSON, PNG, SVG, Text and Clear are for cells. A value decides how it looks by having methods
// HTML, Markdown, JSON, PNG, SVG, Text or MIMEBundle.
//
// Invariants:
//  1. Every bundle has text/plain, good enough for a terminal.
//  2. HTML made here survives JupyterLab's sanitizer: no script, style element, id or inline SVG; inline styles use only
//     properties and values that it keeps (no var(), no inherit), and colours that work on light and dark.
//  3. Everything that comes from data is escaped: HTML, control characters, invalid UTF-8, bidirectional overrides.
//  4. At most four updates a second leave the process. The final state is always sent, and it is static.
//
// Read run.go first, then view.go (what a state shows) and grid.go (tables).
package display
